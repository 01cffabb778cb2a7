using Muster.Peers;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;
using Muster.Stores.Etcd;

namespace Muster.Conformance.Tests;

/// <summary>The etcd engine on a server that speaks its protocol, each harness below a prefix of its own. Leases go by real time.</summary>
internal sealed class EtcdEngine : IEngine
{
    private static readonly Lazy<EtcdPeer> s_peer = new(() => EtcdPeer.Start());
    private static int s_stores;

    private readonly MonotonicClock _clock = new(TimeProvider.System);
    private readonly string _url;
    private EtcdStore? _store;
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private ulong _seed = (ulong)Environment.ProcessId << 32 | (uint)Interlocked.Increment(ref s_stores) << 8;

    private EtcdEngine(string endpoints) =>
        _url = $"etcd://{endpoints}?prefix=/conformance/{Environment.ProcessId}-{Interlocked.Increment(ref s_stores)}/";

    public static EtcdPeer Server
    {
        get
        {
            Peer.Require(EtcdPeer.IsInstalled, "etcd");
            return s_peer.Value;
        }
    }

    public IStore Store => _store!;

    public TimeSpan Term => TimeSpan.FromSeconds(5);

    public TimeSpan Now => _clock.Now.SinceOrigin;

    public static Task<IEngine> StartAsync() => StartAsync(Server.Endpoints);

    public static async Task<IEngine> StartAsync(string endpoints)
    {
        var engine = new EtcdEngine(endpoints);
        await engine.OpenAsync();
        return engine;
    }

    public async Task ReopenAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    public Task AdvanceAsync(TimeSpan time) => Task.Delay(time);

    public void Dispose()
    {
        _stop.Cancel();
        _store?.Dispose();
    }

    private async Task OpenAsync()
    {
        _stop = new CancellationTokenSource();
        _store = await EtcdStore.OpenAsync(EtcdAddress.Parse(_url), EtcdStoreOptions.Default, _clock, new SeededRandom(_seed++));
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
