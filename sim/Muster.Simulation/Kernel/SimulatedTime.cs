namespace Muster.Simulation.Kernel;

/// <summary>Time as one process sees it: its host's clocks, and timers that run on its loop.</summary>
internal sealed class SimulatedTime(SimulatedProcess process) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => process.Host.Clock.MonotonicTicks;

    public override DateTimeOffset GetUtcNow() => process.Host.Clock.Wall;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        process.Host.World.RequireThread(process.Process, "timer set");
        var timer = new Timer(process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(SimulatedProcess process, TimerCallback callback, object? state) : ITimer
    {
        private long _setting;   // each change makes what was scheduled before void
        private long _due;
        private TimeSpan _period;
        private bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            process.Host.World.RequireThread(process.Process, "timer changed");
            if (_disposed)
                return false;
            _setting++;
            _period = period;
            if (dueTime >= TimeSpan.Zero)
                Schedule(dueTime);
            return true;
        }

        public void Dispose()
        {
            _disposed = true;
            _setting++;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Schedule(TimeSpan after)
        {
            _due = process.Host.Clock.MonotonicTicks + after.Ticks;
            Wait(_setting, process.World.DrawLateness());
        }

        private void Wait(long setting, TimeSpan late)
        {
            var left = new TimeSpan(Math.Max(0, _due - process.Host.Clock.MonotonicTicks));
            process.World.After(process.Host.Clock.UntilAdvanced(left) + late, () =>
            {
                if (setting != _setting || process.IsDead)
                    return;
                if (process.Host.Clock.MonotonicTicks < _due)
                    Wait(setting, TimeSpan.Zero);   // the clock has slowed down since
                else
                    process.Enqueue(() => Fire(setting));
            });
        }

        private void Fire(long setting)
        {
            if (setting != _setting)
                return;
            if (_period > TimeSpan.Zero)
                Schedule(_period);
            callback(state);
        }
    }
}
