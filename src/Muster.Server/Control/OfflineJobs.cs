using System.Collections.Immutable;
using Muster.Codecs.Control;
using Muster.Disk.Data;
using Muster.Jobs.Records;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;
using Muster.Stores.Embedded;

namespace Muster.Server.Control;

/// <summary>Jobs as a store holds them, read while nobody, or somebody else, coordinates them.</summary>
public static class OfflineJobs
{
    private static readonly TimeSpan s_answerWithin = TimeSpan.FromSeconds(10);

    /// <summary>Reads a store's directory.</summary>
    /// <exception cref="DataDirectoryException">It is missing or of another kind or version.</exception>
    public static async Task<JobReports> ReadAsync(string directory)
    {
        using var data = await DataDirectory.OpenReadOnlyAsync(directory, ServerProcess.Format);
        var machine = await EmbeddedStore.ReadAsync(data.Volume, EmbeddedStoreOptions.Default);
        var keys = machine.Read(new Operation.Range(KeyRange.Prefix(JobKeys.Root))) is ReadOutcome.Found(var found) ? found.Keys : [];
        return new JobReports(StoreListing.Decode(machine.Revision, keys), []);
    }

    /// <summary>Reads a rented store.</summary>
    /// <exception cref="StoreUnavailableException">No server of it answers.</exception>
    public static async Task<JobReports> ReadAsync(StoreAddress address)
    {
        JobReports? reports = null;
        await OnLoopAsync(address, async store =>
        {
            var found = await store.RangeAsync(new Operation.Range(KeyRange.Prefix(JobKeys.Root)), default);
            reports = new JobReports(StoreListing.Decode(found.At, found.Keys), []);
        });
        return reports!;
    }

    /// <summary>Whether a rented store answers.</summary>
    /// <exception cref="StoreUnavailableException">No server of it does; the message says why.</exception>
    public static Task CheckAsync(StoreAddress address) => OnLoopAsync(address, _ => Task.CompletedTask);

    /// <summary>Removes everything that a rented store holds for a cluster.</summary>
    /// <exception cref="StoreUnavailableException">No server of it answers.</exception>
    public static Task RemoveAllAsync(StoreAddress address) => OnLoopAsync(address, async store =>
    {
        const int AtOnce = 100;
        while (true)
        {
            var some = await store.RangeAsync(new Operation.Range(KeyRange.Prefix(JobKeys.Root)) { Limit = AtOnce, KeysOnly = true }, default);
            if (some.Keys.IsEmpty)
                return;
            await store.TransactAsync(
                Transaction.Always([.. some.Keys.Select(key => new Operation.Delete(KeyRange.Single(key.Key)))]), null, default);
        }
    });

    private static async Task OnLoopAsync(StoreAddress address, Func<IStore, Task> body)
    {
        using var stop = new CancellationTokenSource();
        var loop = LoopContext.Start("rented store", async () =>
        {
            var chance = new SeededRandom(ServerProcess.SystemSeed());
            using var store = await StoreEngines.OpenAsync(address, new MonotonicClock(TimeProvider.System), chance, s_answerWithin);
            var (running, work) = (store.RunAsync(stop.Token), body(store));
            if (await Task.WhenAny(running, work) == running)
                await running;
            await work;
        }, (_, _) => { });
        await loop.Completion;
    }
}
