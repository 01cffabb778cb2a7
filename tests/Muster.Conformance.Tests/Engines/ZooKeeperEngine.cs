using Muster.Peers;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;
using Muster.Stores.ZooKeeper;

namespace Muster.Conformance.Tests;

/// <summary>The ZooKeeper engine on a real ZooKeeper, each harness below a node of its own. Leases go by the test's time.</summary>
internal sealed class ZooKeeperEngine : IEngine
{
    private static readonly Lazy<ZooKeeperPeer> s_peer = new(ZooKeeperPeer.Start);
    private static int s_stores;

    private readonly HandTime _time = new();
    private readonly string _chroot = $"/conformance/{Environment.ProcessId}-{Interlocked.Increment(ref s_stores)}";
    private ulong _seed = 7;
    private ZooKeeperStore? _store;
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public static ZooKeeperPeer Server
    {
        get
        {
            Peer.Require(ZooKeeperPeer.IsInstalled, "zookeeper");
            return s_peer.Value;
        }
    }

    public IStore Store => _store!;

    public TimeSpan Term => TimeSpan.FromSeconds(10);

    public TimeSpan Now => TimeSpan.FromTicks(_time.GetTimestamp());

    public static async Task<IEngine> StartAsync()
    {
        var engine = new ZooKeeperEngine();
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
        // A tick looks at leases and then works; what is asked three times after it was asked after that.
        for (var i = 0; i < 3; i++)
            await _store!.TransactAsync(Transaction.Always(), null, default);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _store?.Dispose();
    }

    private async Task OpenAsync()
    {
        _stop = new CancellationTokenSource();
        var address = ZooKeeperAddress.Parse($"zookeeper://127.0.0.1:{Server.Port}{_chroot}");
        _store = await ZooKeeperStore.OpenAsync(
            address, ZooKeeperStoreOptions.Default, new MonotonicClock(_time), new SeededRandom(_seed++), default, new MonotonicClock(TimeProvider.System));
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
    }
}
