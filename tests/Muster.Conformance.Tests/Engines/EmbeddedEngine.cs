using Muster.Disk.Posix;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;
using Muster.Stores.Embedded;

namespace Muster.Conformance.Tests;

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

    public TimeSpan Term => TimeSpan.FromSeconds(10);

    public TimeSpan Now => TimeSpan.FromTicks(_time.GetTimestamp());

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
