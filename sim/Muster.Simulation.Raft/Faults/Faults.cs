using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>Makes faults happen, one after the other, as their weights say.</summary>
internal sealed class FaultInjector
{
    private readonly RaftWorld _world;
    private readonly FaultMix _mix;
    private readonly Operators _operators;
    private readonly Partitions _partitions;
    private readonly (int Weight, Action Make)[] _faults;
    private bool _isOver;

    public FaultInjector(RaftWorld world, FaultMix mix)
    {
        (_world, _mix) = (world, mix);
        _operators = new(world);
        _partitions = new(world);
        (world.Links.Loss, world.Links.Duplication, world.Links.Straggling) = (mix.Loss, mix.Duplication, mix.Straggling);
        world.Links.LingeringVotes = mix.LingeringVotes;
        world.Links.DelayMicroseconds = mix.DelayMicroseconds;
        _faults =
        [
            (mix.CrashWeight, () => Crash(Anyone())), (mix.CrashLeaderWeight, () => Crash(Leader())), (mix.CrashAllWeight, CrashAll),
            (mix.PartitionWeight, _partitions.Make), (mix.MendWeight, _partitions.Mend), (mix.ClogWeight, Clog), (mix.PauseWeight, Pause),
            (mix.DiskWeight, StallDisk), (mix.ChangeWeight, _operators.ChangeMembership), (mix.TransferWeight, _operators.TransferLeadership),
            (mix.RumourWeight, Rumour),
        ];
        Next();
    }

    public void Next()
    {
        if (!_isOver)
            _world.At(_world.Now + 1 + _world.Chance.Next(2 * _mix.EveryMicroseconds), new(EventKind.Fault, null, 0));
    }

    public void Act()
    {
        if (_isOver)
            return;
        Next();
        var draw = _world.Chance.Next(_faults.Sum(fault => fault.Weight));
        foreach (var (weight, make) in _faults)
        {
            draw -= weight;
            if (draw >= 0)
                continue;
            make();
            return;
        }
    }

    /// <summary>No more faults; whatever is broken works again.</summary>
    public void Heal()
    {
        _isOver = true;
        _world.Links.Heal();
        _world.DiskMicroseconds = 500;
        _world.Story.Tell(_world.Now, "faults end; everything works again");
        foreach (var member in _world.Members)
        {
            member.EffectsUntilCrash = -1;
            member.DiskFullUntil = 0;
            _world.Shell.StoreAtOnce(member);
            if (member.PausedUntil > _world.Now)
                _world.At(_world.Now, new(EventKind.Resume, member, member.Life));
            if (!member.IsUp)
                _world.At(_world.Now, new(EventKind.Restart, member, member.Life));
        }
    }

    private SimulatedMember? Anyone() => _world.Members.Where(member => member.IsUp).ToList() is { Count: > 0 } up ? _world.Chance.Pick(up) : null;

    private SimulatedMember? Leader() => _world.Members.FirstOrDefault(member => member.Core?.Role == Role.Leader) ?? Anyone();

    /// <summary>Dies before one of its next effects, whichever that is.</summary>
    private void Crash(SimulatedMember? member)
    {
        if (member is not null)
            member.EffectsUntilCrash = _world.Chance.Next(12);
    }

    private void CrashAll()
    {
        foreach (var member in _world.Members.Where(member => member.IsUp).ToList())
            _world.Shell.Crash(member);
    }

    private void Clog()
    {
        if (Anyone() is not { } from || Anyone() is not { } to)
            return;
        var until = _world.Now + _world.Chance.Next(2_000_000);
        _world.Links.Clog(from.Id, to.Id, until);
        _world.Story.Tell(_world.Now, $"the link from {from.Id} to {to.Id} holds everything back until {until / 1e6:0.000} s");
    }

    private void Pause()
    {
        if ((_world.Chance.Chance(0.5) ? Leader() : Anyone()) is not { } member || member.PausedUntil > _world.Now)
            return;
        _world.Counts.Pauses++;
        member.PausedUntil = _world.Now + 1000 + _world.Chance.Next(1_000_000);
        _world.Story.Tell(_world.Now, $"{member.Id} is stopped until {member.PausedUntil / 1e6:0.000} s");
        _world.At(member.PausedUntil, new(EventKind.Resume, member, member.Life));
    }

    private void StallDisk()
    {
        if (Anyone() is not { } member)
            return;
        _world.Counts.DiskFaults++;
        member.DiskFullUntil = _world.Now + _world.Chance.Next(1_500_000);
        _world.Story.Tell(_world.Now, $"the disk of {member.Id} stores nothing until {member.DiskFullUntil / 1e6:0.000} s");
    }

    /// <summary>A shell may be wrong about links: it costs time, never safety.</summary>
    private void Rumour()
    {
        if (Anyone() is not { } member || Anyone() is not { } other)
            return;
        Input input = _world.Chance.Next(4) switch
        {
            0 => new Input.Unreachable(other.Id),
            1 => new Input.LinkClosed(other.Id, _world.Chance.Next(3)),
            2 => new Input.Campaign(),
            _ => new Input.ForgetLeader(),
        };
        if (member.PausedUntil <= _world.Now)
            _world.Shell.Give(member, input);
    }
}
