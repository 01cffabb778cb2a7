namespace Muster.Simulation.Kernel;

/// <summary>A host's clocks: a monotonic one that may drift and a wall clock that may also jump.</summary>
public sealed class HostClock
{
    private static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SimulatedWorld _world;
    private TimeSpan _since;
    private double _monotonicTicks;
    private TimeSpan _wallAhead;

    internal HostClock(SimulatedWorld world) => (_world, _since) = (world, world.Now);

    /// <summary>How fast it runs: 1 is true; 1.1 gains a tenth; 0 stands still.</summary>
    public double Rate { get; private set; } = 1;

    /// <summary>Ticks of 100 ns since the host's start, by its own reckoning.</summary>
    public long MonotonicTicks => (long)(_monotonicTicks + ((_world.Now - _since).Ticks * Rate));

    /// <summary>What its wall clock shows.</summary>
    public DateTimeOffset Wall => Epoch + new TimeSpan(MonotonicTicks) + _wallAhead;

    /// <summary>Changes its rate from now on.</summary>
    public void Drift(double rate)
    {
        _world.Trace.Record(_world.Now, "clock", $"rate {rate:0.######}");
        Rebase();
        Rate = rate;
    }

    /// <summary>Steps the wall clock; the monotonic one does not notice.</summary>
    public void StepWall(TimeSpan by)
    {
        _world.Trace.Record(_world.Now, "clock", $"wall steps {by.Ticks}");
        _wallAhead += by;
    }

    /// <summary>True time until the monotonic clock has advanced by a duration, if its rate stays.</summary>
    internal TimeSpan UntilAdvanced(TimeSpan duration) => Rate > 0
        ? new TimeSpan((long)Math.Ceiling(duration.Ticks / Rate))
        : TimeSpan.FromSeconds(1);   // it stands still: look again later

    internal void Restart()
    {
        _wallAhead += new TimeSpan(MonotonicTicks);
        (_since, _monotonicTicks) = (_world.Now, 0);
    }

    private void Rebase() => (_monotonicTicks, _since) = (_monotonicTicks + ((_world.Now - _since).Ticks * Rate), _world.Now);
}
