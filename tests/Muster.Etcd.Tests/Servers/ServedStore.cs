using System.Net;
using Muster.Disk.Posix;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Server.Etcd;
using Muster.Server.Etcd.Access;
using Muster.Stores.Embedded;

namespace Muster.Etcd.Tests.Servers;

/// <summary>Our store in this process, served on a port of its own.</summary>
internal sealed class ServedStore : IAsyncDisposable
{
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly LoopContext _loop;
    private readonly string _directory;

    private ServedStore(string directory, EmbeddedStoreOptions options, TimeSpan progressEvery)
    {
        _directory = directory;
        _loop = LoopContext.Start("store", () => RunAsync(options, progressEvery), (_, failure) => _ready.TrySetException(failure));
    }

    public Uri Address => _ready.Task.Result;

    public EmbeddedStore Store { get; private set; } = null!;

    /// <param name="directory">Where its data is or will be.</param>
    /// <param name="options">Its own when null: history is kept.</param>
    /// <param name="progressEvery">How often idle watches are told; every 10 minutes when null.</param>
    public static async Task<ServedStore> StartAsync(string directory, EmbeddedStoreOptions? options = null, TimeSpan? progressEvery = null)
    {
        Directory.CreateDirectory(directory);
        var served = new ServedStore(
            directory, options ?? EmbeddedStoreOptions.Default with { HistoryRevisions = long.MaxValue / 4 }, progressEvery ?? TimeSpan.FromMinutes(10));
        await served._ready.Task;
        return served;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _loop.Completion;
        }
        catch (OperationCanceledException)
        {
        }

        _stop.Dispose();
    }

    private async Task RunAsync(EmbeddedStoreOptions options, TimeSpan progressEvery)
    {
        var clock = new MonotonicClock(TimeProvider.System);
        using var volume = new PosixVolume(_directory);
        using var store = await EmbeddedStore.OpenAsync(volume, options, clock, new SeededRandom((ulong)Environment.TickCount64));
        Store = store;
        var gate = new StoreGate(store, new AccessControl(() => store.State.Auth, clock, TokenLimits.Default), SynchronizationContext.Current!);
        var notices = new ApplyNotices(store);
        await using var server = new GrpcServer(new()
        {
            Listeners = [new(new IPEndPoint(IPAddress.Loopback, 0))],
            Failed = (path, failure) => Environment.FailFast(path, failure),
        });
        new KvService(gate).AddTo(server);
        new LeaseService(gate, notices).AddTo(server);
        using var watching = new WatchService(gate, notices, clock, progressEvery);
        watching.AddTo(server);
        await server.StartAsync();
        _ready.SetResult(server.Addresses[0]);
        try
        {
            await store.RunAsync(_stop.Token);
        }
        finally
        {
            await server.StopAsync(TimeSpan.FromSeconds(1));
        }
    }
}
