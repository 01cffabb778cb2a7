using System.Buffers.Binary;
using Muster.Primitives;
using Muster.Raft;
using Muster.Simulation.Raft.Invariants;

namespace Muster.Simulation.Raft.SmallScope;

/// <summary>What may happen next in a small world.</summary>
internal readonly record struct Move(MoveKind Kind, int Which)
{
    public override string ToString() => $"{Kind} {Which}";
}

internal enum MoveKind
{
    Deliver,
    Store,
    Campaign,
    Propose,
    Heartbeat,
    Crash,
    Cut,
    Mend,
}

/// <summary>How large a small world may get.</summary>
/// <param name="Members">Voters.</param>
/// <param name="Terms">Terms beyond the first.</param>
/// <param name="Entries">Proposals.</param>
/// <param name="Crashes">Members that die, lose what is not stored and start again.</param>
/// <param name="Partitions">Members that are cut off for a while.</param>
/// <param name="Heartbeats">Rounds of heartbeats.</param>
internal sealed record Scope(int Members = 3, int Terms = 2, int Entries = 3, int Crashes = 1, int Partitions = 1, int Heartbeats = 1);

/// <summary>Members whose every move is chosen from outside: the smallest shell, and every law.</summary>
internal sealed class SmallWorld
{
    private readonly Scope _scope;
    private readonly SimulatedMember[] _members;
    private readonly List<Message> _letters = [];
    private readonly IRaftInvariant[] _laws;
    private readonly Decided _decided = new();
    private int _entries;
    private int _crashes;
    private int _partitions;
    private int _heartbeats;
    private MemberId _cut;

    public SmallWorld(Scope scope)
    {
        _scope = scope;
        _laws =
        [
            new OneLeaderPerTerm(), new LeaderOnlyAppends(), new LogMatching(), new CommittedNeverChanges(), new LeaderCompleteness(),
            new AppliedIsDecided(), new DecidedWasProposed(), new NothingGoesBack(), new IndexesInOrder(),
            new CommittedOnQuorum(Find), new ElectedByQuorum(Find), new SaidIsDurable(),
        ];
        var first = Recovered.First(Configuration.OfVoters(Enumerable.Range(1, scope.Members).Select(id => new MemberId((ulong)id))));
        _decided.StartAt(first.Snapshot!.Position.Index);
        _members = [.. first.Snapshot.Configuration.Voters.Select(id => new SimulatedMember(id, OptionsOf(id), 1))];
        foreach (var member in _members)
        {
            member.Disk.Write(new DiskRecord.Installed(first.Snapshot));
            member.Disk.Write(new DiskRecord.Hard(first.Hard));
            member.Disk.Sync();
            Start(member);
        }
    }

    /// <summary>Everything that may happen now, in a fixed order.</summary>
    public List<Move> Moves()
    {
        var moves = new List<Move>();
        for (var i = 0; i < _letters.Count; i++)
            if (!_letters[..i].Contains(_letters[i]))
                moves.Add(new(MoveKind.Deliver, i));
        for (var i = 0; i < _members.Length; i++)
        {
            var core = _members[i].Core!;
            if (_members[i].ToStore.Count > 0)
                moves.Add(new(MoveKind.Store, i));
            if (core.Role != Role.Leader && core.Term.Number <= _scope.Terms)
                moves.Add(new(MoveKind.Campaign, i));
            if (core.Role == Role.Leader && _entries < _scope.Entries)
                moves.Add(new(MoveKind.Propose, i));
            if (core.Role == Role.Leader && _heartbeats < _scope.Heartbeats)
                moves.Add(new(MoveKind.Heartbeat, i));
            if (_crashes < _scope.Crashes)
                moves.Add(new(MoveKind.Crash, i));
            if (_partitions < _scope.Partitions && !_cut.IsSome)
                moves.Add(new(MoveKind.Cut, i));
        }

        if (_cut.IsSome)
            moves.Add(new(MoveKind.Mend, 0));
        return moves;
    }

    public void Make(Move move)
    {
        switch (move.Kind)
        {
            case MoveKind.Deliver:
                var letter = _letters[move.Which];
                _letters.RemoveAt(move.Which);
                Step(Find(letter.To)!, new Input.Receive(letter));
                break;
            case MoveKind.Store:
                Store(_members[move.Which]);
                break;
            case MoveKind.Campaign:
                Step(_members[move.Which], new Input.Campaign());
                break;
            case MoveKind.Propose:
                _entries++;
                var data = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(data, ++_decided.LastProposal);
                Step(_members[move.Which], new Input.Propose([new(data)]));
                break;
            case MoveKind.Heartbeat:
                _heartbeats++;
                Step(_members[move.Which], new Input.Tick(Instant.Origin, 1000));
                break;
            case MoveKind.Crash:
                _crashes++;
                _members[move.Which].Disk.Crash(0);
                _members[move.Which].ToStore.Clear();
                Start(_members[move.Which]);
                break;
            case MoveKind.Cut:
                _partitions++;
                _cut = _members[move.Which].Id;
                _letters.RemoveAll(IsCut);
                break;
            case MoveKind.Mend:
                _cut = default;
                break;
        }

        foreach (var member in _members)
            Drain(member);
    }

    /// <summary>Two worlds with the same digest go on alike.</summary>
    public UInt128 Digest()
    {
        var digest = new WorldDigest();
        digest.Add((uint)_entries | (ulong)(uint)_crashes << 8 | (ulong)(uint)_partitions << 16 | (ulong)(uint)_heartbeats << 24 | _cut.Number << 32);
        foreach (var member in _members)
            digest.Add(member);
        digest.Add(_letters);
        return digest.Value;
    }

    private SimulatedMember? Find(MemberId id) => id.Number >= 1 && id.Number <= (ulong)_members.Length ? _members[id.Number - 1] : null;

    private static RaftOptions OptionsOf(MemberId id) => new() { Id = id, ElectionTicks = 1_000_000, PreVote = false, CheckQuorum = false };

    private bool IsCut(Message letter) => _cut.IsSome && (letter.From == _cut || letter.To == _cut);

    private void Start(SimulatedMember member)
    {
        var recovered = member.Disk.Recover();
        member.Core = new(member.Options, recovered);
        member.Machine.Restore(recovered.Snapshot);
        member.View.Restart(member.Core);
        Check(member);
    }

    private void Step(SimulatedMember member, Input input)
    {
        member.Core!.Step(input);
        Check(member);
    }

    private void Check(SimulatedMember member)
    {
        member.View.Look(member.Core!);
        foreach (var law in _laws)
            law.AfterStep(member, member.Core!, _decided);
        member.View.Remember(member.Core!);
    }

    private void Drain(SimulatedMember member)
    {
        while (member.Core!.HasReady)
        {
            var ready = member.Core.TakeReady();
            foreach (var message in ready.Messages)
                Send(member, message);
            foreach (var entry in ready.Entries)
                member.Disk.Write(new DiskRecord.Entry(entry));
            if (ready.Hard is { } hard)
                member.Disk.Write(new DiskRecord.Hard(hard));
            if (ready.Hard is not null || ready.Entries.Length > 0 || ready.AfterStored.Length > 0)
                member.ToStore.Add(ready);
            foreach (var entry in ready.Committed)
            {
                member.Machine.Apply(entry);
                foreach (var law in _laws)
                    law.AfterApply(member, entry, _decided);
            }

            if (ready.Committed.Length > 0)
                Step(member, new Input.Applied(ready.Committed[^1].Index));
        }
    }

    private void Store(SimulatedMember member)
    {
        var batch = member.ToStore.ToArray();
        member.ToStore.Clear();
        member.Disk.Sync();
        foreach (var ready in batch)
        {
            foreach (var message in ready.AfterStored)
            {
                if (message.To == member.Id)
                    Step(member, new Input.Receive(message));
                else
                    Send(member, message);
            }

            if (ready.Ticket is { } ticket)
                Step(member, new Input.Persisted(ticket));
        }
    }

    private void Send(SimulatedMember from, Message message)
    {
        foreach (var law in _laws)
            law.BeforeSend(from, from.Core!, message, _decided);
        if (!IsCut(message))
            _letters.Add(message);
    }
}
