using System.Buffers.Binary;
using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>Proposes numbers, reads, and holds the cluster to what it has been told.</summary>
internal sealed class Clients
{
    private readonly RaftWorld _world;
    private readonly Dictionary<(MemberId Member, LogPosition Position), long> _waiting = [];
    private readonly int _everyMicroseconds;

    public Clients(RaftWorld world, int everyMicroseconds)
    {
        _world = world;
        _everyMicroseconds = everyMicroseconds;
        world.Shell.OnApplied = OnApplied;
        world.Shell.OnRead = OnRead;
        // Whoever waited for a stopped leader is served first when it goes on.
        world.Shell.OnResumed = member => Read(member);
        Next();
    }

    public void Next() => _world.At(_world.Now + 1 + _world.Chance.Next(2 * _everyMicroseconds), new(EventKind.Client, null, 0));

    public void Act()
    {
        Next();
        if (Choose() is not { } member)
            return;
        if (_world.Chance.Chance(0.3))
            Read(member);
        else
            Propose(member);
    }

    public ulong Read(SimulatedMember member)
    {
        var context = _world.Reads.Ask(_world.Decided);
        _world.Shell.Give(member, new Input.Read(context, member.Clock(_world.Now)));
        return context;
    }

    public void Propose(SimulatedMember member)
    {
        var data = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(data, ++_world.Decided.LastProposal);
        // The outcome is looked at before anything else happens, as a shell on one loop would.
        if (_world.Step(member, new Input.Propose([new(data)])) is StepOutcome.Appended appended)
            _waiting[(member.Id, appended.Last)] = _world.Now;
        _world.At(_world.Now, new(EventKind.Drain, member, member.Life));
    }

    /// <summary>Mostly whoever seems to lead, sometimes anyone.</summary>
    private SimulatedMember? Choose()
    {
        var up = _world.Members.Where(member => member.IsUp && member.PausedUntil <= _world.Now).ToList();
        if (up.Count == 0)
            return null;
        var leader = up.Where(member => member.Core!.Role == Role.Leader).MaxBy(member => member.Core!.Term.Number);
        return leader is not null && _world.Chance.Chance(0.7) ? leader : _world.Chance.Pick(up);
    }

    private void OnApplied(SimulatedMember member, LogEntry entry)
    {
        if (_waiting.Count == 0 || !_waiting.Remove((member.Id, entry.Position)))
            return;
        _world.Counts.Acknowledged++;
        _world.Decided.TellsOf = LogIndex.Max(_world.Decided.TellsOf, entry.Index);
    }

    private void OnRead(SimulatedMember member, ReadGrant grant)
    {
        _world.Reads.Granted(member, grant);
        _world.Counts.Reads++;
        _world.Decided.TellsOf = LogIndex.Max(_world.Decided.TellsOf, member.Machine.At.Index);
    }
}
