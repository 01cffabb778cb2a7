using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores.Etcd;
using Muster.Stores.ZooKeeper;

namespace Muster.Stores;

/// <summary>A store with what keeps it going.</summary>
public interface IStoreEngine : IStore, IDisposable
{
    /// <summary>Does what a store does by itself, such as ending leases, until stopped.</summary>
    Task RunAsync(CancellationToken stopping);
}

/// <summary>Stores that somebody else runs.</summary>
public static class StoreEngines
{
    /// <summary>Connects to a rented store.</summary>
    /// <param name="address">Which.</param>
    /// <param name="clock">This process's clock.</param>
    /// <param name="chance">Seeded by the system's chance.</param>
    /// <param name="within">How long to wait for the first answer.</param>
    /// <exception cref="StoreUnavailableException">No server answered in time; the message says what each try came to.</exception>
    public static async Task<IStoreEngine> OpenAsync(StoreAddress address, MonotonicClock clock, SeededRandom chance, TimeSpan within) => address switch
    {
        StoreAddress.ZooKeeper(var servers) =>
            await ZooKeeperStore.OpenAsync(servers, ZooKeeperStoreOptions.Default with { OpenWithin = within }, clock, chance, default),
        StoreAddress.Etcd(var servers) => await EtcdStore.OpenAsync(servers, EtcdStoreOptions.Default with { OpenWithin = within }, clock, chance),
        _ => throw new InvariantBrokenException("every kind of address has an engine"),
    };
}
