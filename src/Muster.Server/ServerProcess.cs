using System.Buffers.Binary;
using System.Security.Cryptography;
using Muster.Disk.Data;
using Muster.Disk.Posix;
using Muster.Network;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Server.Control;
using Muster.Server.Coordination;
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
        using var store = options.Store is { } rented ? await RentAsync(rented, clock, chance) : await OpenAsync(data, clock, chance);
        using var root = new PosixVolume("/");
        var coordinator = new CoordinatorLoop(store, new SocketTransport(), root, clock, options);
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var control = ControlServer.Listen(controlAddress, coordinator, new JobWishes(store, coordinator), failed.SetException);
        var ended = await Task.WhenAny(store.RunAsync(default), coordinator.RunAsync(default), failed.Task);
        await ended;
    }

    private static async Task<IStoreEngine> OpenAsync(DataDirectory data, MonotonicClock clock, SeededRandom chance)
    {
        var store = await EmbeddedStore.OpenAsync(data.Volume, EmbeddedStoreOptions.Default, clock, chance);
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
