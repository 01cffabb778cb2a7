using System.Buffers.Binary;
using System.Collections.Immutable;
using Muster.Primitives;
using Muster.Raft;
using Muster.Simulation.Raft.Invariants;

namespace Muster.Simulation.Raft.Histories;

/// <summary>What clients of one seed saw.</summary>
internal sealed record History(ulong Seed, bool HasFaults, IReadOnlyList<Observed> Operations)
{
    /// <summary>The share of operations during which another was under way.</summary>
    public double Overlapping
    {
        get
        {
            var byCall = Operations.OrderBy(one => one.Called).ToList();
            var overlapping = new HashSet<Observed>(ReferenceEqualityComparer.Instance);
            for (var i = 1; i < byCall.Count; i++)
            {
                for (var j = i - 1; j >= Math.Max(0, i - 16); j--)
                {
                    if (byCall[j].Returned <= byCall[i].Called)
                        continue;
                    overlapping.Add(byCall[i]);
                    overlapping.Add(byCall[j]);
                }
            }

            return overlapping.Count / (double)Math.Max(1, Operations.Count);
        }
    }
}

/// <summary>Clients of a replicated keyspace under faults: each asks one thing at a time, and asks again, by the same id, until it is answered.</summary>
internal sealed class HistoryRun
{
    private const int ClientsCount = 10;
    private const long PatienceMicroseconds = 150_000;
    private readonly RaftWorld _world;
    private readonly KeyspaceReplicas _replicas = new();
    private readonly List<Observed> _history = [];
    private readonly Session[] _sessions;
    private readonly List<(ClientOperation Operation, int Client)> _asked = [];
    private readonly FaultInjector? _faults;
    private readonly int _operationsMax;
    private readonly bool _isMixed;
    private long _lastValue;
    private int _lastLease;

    // The keyspace does not remember refusals: a command that was refused, and was said twice, is done
    // when the second saying comes after what was missing. No client of it asks for a lease before it has been granted.
    private readonly List<int> _granted = [];

    private sealed class Session
    {
        public ClientOperation? Operation { get; set; }

        public long Called { get; set; }

        public long AskedAt { get; set; }

        public int Number { get; set; }

        public ulong Context { get; set; }

        public MemberId At { get; set; }
    }

    private HistoryRun(ulong seed, int operations)
    {
        var chance = new SeededRandom(seed);
        var settings = WorldSettings.Draw(chance.Split()) with { DownMicroseconds = 300_000 };
        var mix = seed % 4 == 0 ? null : FaultMix.Draw(chance.Split()) with { ChangeWeight = 0 };
        _isMixed = seed % 3 != 0;
        _operationsMax = operations;
        _world = new(seed, settings, null);
        _sessions = [.. Enumerable.Range(0, ClientsCount).Select(_ => new Session())];
        _world.Shell.OnApplied = OnApplied;
        _world.Shell.OnRead = OnRead;
        _world.Shell.OnRestored = _replicas.Restored;
        _world.Shell.OnSnapshotTaken = _replicas.Taken;
        var first = Recovered.First(Configuration.OfVoters(Enumerable.Range(1, settings.Voters).Select(id => new MemberId((ulong)id))));
        _world.Decided.StartAt(first.Snapshot!.Position.Index);
        foreach (var voter in first.Snapshot.Configuration.Voters)
            _world.Add(voter, first);
        _faults = mix is null ? null : new FaultInjector(_world, mix);
        _world.OnOther = what =>
        {
            if (what.Kind == EventKind.Fault)
                _faults?.Act();
            else
                Act((int)what.Number);
        };
        for (var client = 0; client < ClientsCount; client++)
            Later(client, 2000);
    }

    /// <summary>Runs a seed until so many operations were answered.</summary>
    /// <exception cref="BrokenLawException">A law broke, or they were not answered.</exception>
    public static History Run(ulong seed, int operations)
    {
        var run = new HistoryRun(seed, operations);
        run._world.Run(600_000_000, 2_000_000, () => run._history.Count >= operations * 3 / 4);
        run._faults?.Heal();
        run._world.Run(run._world.Now + 60_000_000, long.MaxValue, () => run._history.Count >= operations && run._sessions.All(one => one.Operation is null));
        if (run._history.Count < operations)
            throw new BrokenLawException(nameof(HistoryRun), $"only {run._history.Count} of {operations} operations were answered");
        return new(seed, run._faults is not null, run._history);
    }

    private void Later(int client, int within) => _world.At(_world.Now + 1 + _world.Chance.Next(within), new(EventKind.Client, null, 0, null, client));

    private void Act(int client)
    {
        var session = _sessions[client];
        if (session.Operation is null)
        {
            if (_history.Count >= _operationsMax)
                return;
            session.Operation = Draw();
            session.Called = _world.Now;
            session.Number = _asked.Count + 1;
            _asked.Add((session.Operation, client));
            _world.Decided.LastProposal = (ulong)_asked.Count;
            Ask(session);
        }
        else if (_world.Now - session.AskedAt > PatienceMicroseconds)
        {
            Ask(session);
        }

        Later(client, 10_000);
    }

    /// <summary>Asks anyone who is up; again, of another member perhaps, when no answer comes.</summary>
    private void Ask(Session session)
    {
        session.AskedAt = _world.Now;
        var up = _world.Members.Where(member => member.IsUp && member.PausedUntil <= _world.Now).ToList();
        if (up.Count == 0)
            return;
        var member = _world.Chance.Pick(up);
        session.At = member.Id;
        if (session.Operation is ClientOperation.Get or ClientOperation.GetBoth)
        {
            session.Context = _world.Reads.Ask(_world.Decided);
            _world.Shell.Give(member, new Input.Read(session.Context, member.Clock(_world.Now)));
            return;
        }

        var data = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(data, (ulong)session.Number);
        _world.Shell.Give(member, new Input.Propose([new(data)]));
    }

    private void OnApplied(SimulatedMember member, LogEntry entry)
    {
        if (entry.Data.IsEmpty)
            return;
        var number = (int)BinaryPrimitives.ReadUInt64LittleEndian(entry.Data.Span);
        var (operation, client) = _asked[number - 1];
        var result = _replicas.Apply(member, operation, new((ulong)client + 1, (ulong)number));
        var session = _sessions[client];
        if (session.Number == number && session.Operation is not null && session.At == member.Id)
            Finish(client, result);
    }

    private void OnRead(SimulatedMember member, ReadGrant grant)
    {
        _world.Reads.Granted(member, grant);
        for (var client = 0; client < _sessions.Length; client++)
            if (_sessions[client] is { Operation: { } operation } session && session.Context == grant.Context && session.At == member.Id
                && operation is ClientOperation.Get or ClientOperation.GetBoth)
                Finish(client, _replicas.Read(member, _sessions[client].Operation!));
    }

    private void Finish(int client, ClientResult result)
    {
        var session = _sessions[client];
        _history.Add(new(client, session.Operation!, session.Called, _world.Now, result));
        if (session.Operation is ClientOperation.Grant grant)
            _granted.Add(grant.Lease);
        session.Operation = null;
    }

    private ClientOperation Draw()
    {
        var chance = _world.Chance;
        int Key() => chance.Next(StoreModel.KeysMax);
        long Value() => ++_lastValue;
        long Recent() => Math.Max(0, _lastValue - chance.Next(12));
        var kind = chance.Next(_isMixed ? 20 : 14);
        return kind switch
        {
            < 5 => new ClientOperation.Put(Key(), Value(), 0),
            < 11 => new ClientOperation.Get(Key()),
            < 12 => new ClientOperation.Delete(Key()),
            < 14 => Key() is var key ? new ClientOperation.Swap(key, Recent(), key, Value()) : null!,
            < 16 => new ClientOperation.Swap(Key(), Recent(), Key(), Value()),
            16 => new ClientOperation.GetBoth(Key(), Key()),
            17 when _lastLease < 60 => new ClientOperation.Grant(++_lastLease),
            18 when _granted.Count > 0 => new ClientOperation.Put(Key(), Value(), chance.Pick(_granted)),
            19 when _granted.Count > 0 => new ClientOperation.Revoke(chance.Pick(_granted)),
            _ => new ClientOperation.GetBoth(Key(), Key()),
        };
    }
}
