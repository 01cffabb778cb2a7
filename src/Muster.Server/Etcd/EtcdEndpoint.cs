using System.Collections.Immutable;
using Muster.Network.Http;
using Muster.Runtime;
using Muster.Server.Etcd.Access;
using Muster.Stores.Embedded;

namespace Muster.Server.Etcd;

/// <summary>etcd's protocol over a store: every service on one server.</summary>
// production seam: it listens on sockets.
internal sealed class EtcdEndpoint : IAsyncDisposable
{
    private readonly GrpcServer _server;
    private readonly PasswordWork _passwords = new();
    private readonly WatchService _watching;

    private EtcdEndpoint(GrpcServer server, WatchService watching) => (_server, _watching) = (server, watching);

    /// <summary>Where it listens, as URLs.</summary>
    public ImmutableArray<string> Addresses => [.. _server.Addresses.Select(address => address.ToString().TrimEnd('/'))];

    /// <summary>Begins to serve; called on the store's loop.</summary>
    /// <param name="store">What is served.</param>
    /// <param name="clock">The loop's clock.</param>
    /// <param name="options">Where and how.</param>
    /// <param name="failed">Receives a method and what it threw: the process's top.</param>
    /// <exception cref="IOException">An address is in use or not this machine's, or a certificate cannot be used.</exception>
    public static async Task<EtcdEndpoint> StartAsync(
        EmbeddedStore store, MonotonicClock clock, EtcdOptions options, Action<string, Exception> failed)
    {
        var tls = options.LoadTls();
        var server = new GrpcServer(new() { Listeners = [.. options.Listen.Select(address => new GrpcListener(address, tls))], Failed = failed });
        var loop = SynchronizationContext.Current ?? throw new InvalidOperationException("a store is served from its loop");
        var gate = new StoreGate(store, new AccessControl(() => store.State.Auth, clock, TokenLimits.Default), loop);
        var notices = new ApplyNotices(store);
        var endpoint = new EtcdEndpoint(server, new WatchService(gate, notices, clock, options.ProgressEvery));
        new KvService(gate).AddTo(server);
        new LeaseService(gate, notices).AddTo(server);
        endpoint._watching.AddTo(server);
        new AuthService(gate, endpoint._passwords).AddTo(server);
        new MaintenanceService(gate).AddTo(server);
        new LockService(gate).AddTo(server);
        new ElectionService(gate).AddTo(server);
        new ClusterService(gate, options.Name, () => options.Advertise.IsEmpty ? endpoint.Addresses : options.Advertise).AddTo(server);
        await server.StartAsync();
        return endpoint;
    }

    /// <summary>Ends streams with UNAVAILABLE, so that clients go on elsewhere or come back, and waits for the other calls.</summary>
    public Task StopAsync(TimeSpan patience) => _server.StopAsync(patience);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _watching.Dispose();
        _passwords.Dispose();
    }
}
