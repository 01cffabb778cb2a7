using Muster.Simulation.Kernel;

namespace Muster.Simulation.Training;

/// <summary>A lockstep collective: nobody has a step's sum before everybody has contributed to it.</summary>
/// <remarks>When a rank is gone the others either hear of it, as with a connection reset, or wait for ever, as in a dead NCCL call.</remarks>
public sealed class FakeCollective(SimulatedWorld world, int worldSize, bool tellsOfDeath)
{
    private readonly SortedDictionary<int, SimulatedProcess> _members = [];
    private readonly SortedDictionary<long, SortedDictionary<int, (ulong Data, TaskCompletionSource<ulong> Done)>> _steps = [];
    private bool _broken;

    /// <summary>A rank begins at a step.</summary>
    public long? Start { get; private set; }

    /// <summary>Takes part.</summary>
    /// <returns>What is wrong; null: nothing.</returns>
    public string? Join(SimulatedProcess process, int rank, long start)
    {
        if (_members.ContainsKey(rank))
            return $"rank {rank} joins its generation twice";
        if (Start is { } other && other != start)
            return $"rank {rank} starts at step {start}, another rank of the same generation at {other}";
        Start = start;
        _members.Add(rank, process);
        process.OnEnd(_ => MemberEnded());
        return null;
    }

    /// <summary>Contributes to a step and waits for the sum.</summary>
    /// <exception cref="PeerLostException">Another rank is gone.</exception>
    public Task<ulong> SumAsync(SimulatedProcess process, int rank, long step, ulong data)
    {
        if (!process.Effect($"collective {step} {data:x16}"))
            return new TaskCompletionSource<ulong>().Task;
        var done = new TaskCompletionSource<ulong>();
        if (!_steps.TryGetValue(step, out var contributions))
            _steps[step] = contributions = [];
        contributions[rank] = (data, done);
        if (_broken)
            TellOfDeath(process, done);
        else if (contributions.Count == worldSize)
            Deliver(step, contributions);
        return done.Task;
    }

    private void Deliver(long step, SortedDictionary<int, (ulong Data, TaskCompletionSource<ulong> Done)> contributions)
    {
        var sum = 0UL;
        foreach (var (data, _) in contributions.Values)
            sum += data;
        foreach (var (rank, (_, done)) in contributions)
        {
            var member = _members[rank];
            world.After(member.Chance.Between(TimeSpan.FromMicroseconds(50), TimeSpan.FromMilliseconds(1)), () => member.Enqueue(() => done.TrySetResult(sum)));
        }

        _steps.Remove(step);
    }

    private void MemberEnded()
    {
        if (_broken)
            return;
        _broken = true;
        foreach (var contributions in _steps.Values)
            foreach (var (rank, (_, done)) in contributions)
                TellOfDeath(_members[rank], done);
    }

    private void TellOfDeath(SimulatedProcess member, TaskCompletionSource<ulong> waits)
    {
        if (tellsOfDeath)
            world.After(member.Chance.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(200)), () =>
                member.Enqueue(() => waits.TrySetException(new PeerLostException())));
    }
}

/// <summary>A collective lost a member.</summary>
public sealed class PeerLostException() : Exception("a peer of the collective is gone");
