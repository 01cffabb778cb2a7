using Muster.Disk.Posix;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;
using Muster.Stores.Embedded;

namespace Muster.Conformance.Tests;

/// <summary>A time that passes only when a test says so.</summary>
internal sealed class HandTime : TimeProvider
{
    private readonly List<HandTimer> _timers = [];
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HandTimer(this, () => callback(state), period) { Due = _ticks + dueTime.Ticks };
        _timers.Add(timer);
        return timer;
    }

    public void Advance(TimeSpan time)
    {
        var end = _ticks + time.Ticks;
        while (_timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due) is { } next)
        {
            _ticks = Math.Max(_ticks, next.Due);
            next.Fire();
        }

        _ticks = end;
    }

    private sealed class HandTimer(HandTime owner, Action fire, TimeSpan period) : ITimer
    {
        public long Due { get; set; }

        public void Fire()
        {
            if (period > TimeSpan.Zero)
                Due += period.Ticks;
            else
                owner._timers.Remove(this);
            fire();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            owner._timers.Remove(this);
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;
            Due = owner._ticks + dueTime.Ticks;
            owner._timers.Add(this);
            return true;
        }

        public void Dispose() => owner._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}

/// <summary>An engine under test: a store that can be closed and opened again, and a way to let time pass.</summary>
internal interface IEngine : IDisposable
{
    IStore Store { get; }

    Task ReopenAsync();

    Task AdvanceAsync(TimeSpan time);
}

/// <summary>The embedded engine on a real directory.</summary>
internal sealed class EmbeddedEngine : IEngine
{
    private readonly string _directory = Directory.CreateTempSubdirectory("muster-conformance-").FullName;
    private readonly HandTime _time = new();
    private CancellationTokenSource _stop = new();
    private PosixVolume? _volume;
    private EmbeddedStore? _store;
    private Task _running = Task.CompletedTask;

    public IStore Store => _store!;

    public static async Task<IEngine> StartAsync()
    {
        var engine = new EmbeddedEngine();
        await engine.OpenAsync();
        return engine;
    }

    public async Task ReopenAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    public async Task AdvanceAsync(TimeSpan time)
    {
        _time.Advance(time);
        // A tick proposes, and what it proposes goes through the disk: whatever is asked next comes after it in the log.
        await _store!.TransactAsync(Transaction.Always(), null, default);
        await _store.TransactAsync(Transaction.Always(), null, default);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _store?.Dispose();
        _volume?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task OpenAsync()
    {
        _stop = new CancellationTokenSource();
        _volume = new PosixVolume(_directory);
        _store = await EmbeddedStore.OpenAsync(_volume, EmbeddedStoreOptions.Default, new MonotonicClock(_time), new SeededRandom(7));
        _running = _store.RunAsync(_stop.Token);
    }

    private async Task CloseAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
        }

        _store!.Dispose();
        _volume!.Dispose();
    }
}
