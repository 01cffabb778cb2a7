using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Muster.Disk.Data;
using Muster.Disk.Posix;
using Muster.Network;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Server.Control;
using Muster.Server.Coordination;
using Muster.Server.Etcd;
using Muster.Stores;
using Muster.Stores.Embedded;

namespace Muster.Server;

/// <summary>One server process: the store of its data directory, the coordinator, and the control API.</summary>
public static class ServerProcess
{
    private static readonly TimeSpan s_openWithin = TimeSpan.FromSeconds(10);

    /// <summary>What a server's data directory is marked with.</summary>
    public static DataFormat Format { get; } = new("server", 1);

    /// <summary>Runs until the process is ended; crashing is how it stops.</summary>
    /// <param name="directory">The store's data directory.</param>
    /// <param name="controlAddress">Where people's commands connect, such as <c>unix:PATH</c>.</param>
    /// <param name="options">What the server is told.</param>
    public static async Task RunAsync(string directory, string controlAddress, ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var clock = new MonotonicClock(TimeProvider.System);
        using var data = await DataDirectory.OpenAsync(directory, Format);
        var chance = new SeededRandom(SystemSeed());
        if (options.Store is not null)
            options = options with { IsSoleServer = false, Name = await ServerNameFile.ReadOrCreateAsync(data.Volume, options.Name, chance) };
        using var store = options.Store is { } rented ? await RentAsync(rented, clock, chance) : await OpenStoreAsync(data, EmbeddedStoreOptions.Default, clock, chance);
        using var root = new PosixVolume("/");
        var coordinator = new CoordinatorLoop(store, new SocketTransport(), root, clock, options);
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var control = ControlServer.Listen(controlAddress, coordinator, new JobWishes(store, coordinator), failed.SetException);
        await using var endpoint = options.Etcd is { } etcd && store is EmbeddedStore own
            ? await EtcdEndpoint.StartAsync(own, clock, etcd, (method, failure) => failed.TrySetException(Failed(method, failure)))
            : null;
        var ended = await Task.WhenAny(store.RunAsync(default), coordinator.RunAsync(default), failed.Task);
        await ended;
    }

    /// <summary>Serves a store with etcd's protocol and coordinates nothing, until told to stop.</summary>
    /// <param name="directory">The store's data directory.</param>
    /// <param name="options">Where and how it is served.</param>
    /// <param name="storeOptions">Quota, and how much history is kept.</param>
    /// <param name="serving">Told once it serves.</param>
    /// <param name="stopping">Ends calls and then this.</param>
    public static async Task ServeAsync(
        string directory, EtcdOptions options, EmbeddedStoreOptions storeOptions, Action<ServedStore> serving, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(serving);
        var clock = new MonotonicClock(TimeProvider.System);
        using var data = await DataDirectory.OpenAsync(directory, Format);
        using var store = await OpenStoreAsync(data, storeOptions, clock, new SeededRandom(SystemSeed()));
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var endpoint = await EtcdEndpoint.StartAsync(
            store, clock, options, (method, failure) => failed.TrySetException(Failed(method, failure)));
        serving(new(data.Path, store.Cluster, store.Revision, endpoint.Addresses));
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var told = stopping.Register(() => stopped.TrySetResult());
        var running = store.RunAsync(default);
        await await Task.WhenAny(running, failed.Task, stopped.Task);
        await endpoint.StopAsync(options.StopPatience);         // the store's loop goes on meanwhile: what was asked is answered
    }

    private static InvalidOperationException Failed(string method, Exception failure) => new($"{method} failed: {failure.Message}", failure);

    private static async Task<EmbeddedStore> OpenStoreAsync(DataDirectory data, EmbeddedStoreOptions options, MonotonicClock clock, SeededRandom chance)
    {
        var store = await EmbeddedStore.OpenAsync(data.Volume, options, clock, chance);
        if (store.Recovery.Cut is { } cut)
            Console.Error.WriteLine($"muster server: an unfinished write was cut from {cut.File} at offset {cut.Offset} ({cut.Reason}); nothing in it was acknowledged");
        foreach (var damage in store.DamagedSnapshots)
            Console.Error.WriteLine($"muster server: a damaged snapshot was passed over: {damage}");
        return store;
    }

    /// <summary>A rented store that does not answer is waited for: ranks train on, and decisions pause.</summary>
    private static async Task<IStoreEngine> RentAsync(StoreAddress address, MonotonicClock clock, SeededRandom chance)
    {
        while (true)
        {
            try
            {
                return await StoreEngines.OpenAsync(address, clock, chance.Split(), s_openWithin);
            }
            catch (StoreUnavailableException waiting)
            {
                Console.Error.WriteLine($"muster server: {waiting.Message}; trying again");
            }
        }
    }

    internal static ulong SystemSeed()
    {
        Span<byte> seed = stackalloc byte[8];
        RandomNumberGenerator.Fill(seed);
        return BinaryPrimitives.ReadUInt64LittleEndian(seed);
    }
}

/// <summary>What a server serves.</summary>
/// <param name="Directory">Its data directory, absolute.</param>
/// <param name="Cluster">The store.</param>
/// <param name="At">Its revision.</param>
/// <param name="Addresses">Where, as URLs.</param>
public sealed record ServedStore(string Directory, ClusterId Cluster, Revision At, ImmutableArray<string> Addresses);
