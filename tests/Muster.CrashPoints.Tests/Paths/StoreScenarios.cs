using System.Globalization;
using Muster.CrashPoints.Tests.Harness;
using Muster.Disk.Log;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores.Embedded;

namespace Muster.CrashPoints.Tests.Paths;

/// <summary>Transactions, snapshots and compactions of the embedded store: the n-th transaction is revision n + 1 for ever.</summary>
public sealed class StoreCommit : CrashPointScenario
{
    private const int SnapshotEvery = 4;

    private static readonly ByteString s_counter = ByteString.From("counter");

    private static readonly EmbeddedStoreOptions s_options = EmbeddedStoreOptions.Default with
    {
        Log = new LogLimits { SegmentBytes = 1024, RecordBytesMax = 8192, FrameBytes = 8192 },
    };

    public override string Name => "store commit, snapshot and compaction";

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        using var store = await OpenAsync(volume);
        for (var number = 1; number <= 10; number++)
        {
            await CommitAsync(store, ledger, number);
            if (number == 7)
                await store.CompactAsync(new Revision(5), default);
            if (number % SnapshotEvery == 0)
                await store.WriteSnapshotAsync();
        }
    }

    public override Task RecoverAsync(IVolume volume, Ledger ledger)
    {
        // The store tells its watchers on its loop's next turn, so it needs a loop.
        LoopContext.Run("recovery", () => RecoverOnLoopAsync(volume, ledger));
        return Task.CompletedTask;
    }

    private static async Task RecoverOnLoopAsync(IVolume volume, Ledger ledger)
    {
        using var store = await OpenAsync(volume);
        if (store.DamagedSnapshots.Count > 0)
            throw new CrashPointException(store.DamagedSnapshots[0]);
        var found = await ReadAsync(store);
        ledger.RequirePrefix([.. Enumerable.Range(1, found).Select(Text)]);
        ledger.Resume(Enumerable.Range(1, found).Select(Text));
        if (store.Revision != RevisionOf(found))
            throw new CrashPointException($"after {found} transactions the store is at revision {store.Revision}");
        await CommitAsync(store, ledger, found + 1);
        await store.WriteSnapshotAsync();
    }

    private static Task<EmbeddedStore> OpenAsync(IVolume volume) =>
        EmbeddedStore.OpenAsync(volume, s_options, new MonotonicClock(TimeProvider.System), new SeededRandom(3));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Revision RevisionOf(int number) => new(number + 1);

    /// <summary>One transaction: a counter that must stand at the number before, and a second key that must agree with it.</summary>
    private static async Task CommitAsync(EmbeddedStore store, Ledger ledger, int number)
    {
        ledger.Attempt(Text(number));
        var padding = new string('p', number % 3 == 0 ? 700 : 20);
        var guard = number == 1 ? Compare.Absent(s_counter) : Compare.ModifiedAt(s_counter, RevisionOf(number - 1));
        var result = await store.TransactAsync(
            Transaction.When(
                [guard],
                new Operation.Put(s_counter, ByteString.From(Text(number))),
                new Operation.Put(ByteString.From($"key{number % 3}"), ByteString.From($"{number} {padding}"))),
            new RequestId(1, (ulong)number), default);
        if (!result.Succeeded || result.At != RevisionOf(number))
            throw new CrashPointException($"transaction {number} was answered with {result.Succeeded} at revision {result.At}");
        ledger.PromiseAll();
    }

    private static async Task<int> ReadAsync(EmbeddedStore store)
    {
        var all = await store.RangeAsync(new Operation.Range(KeyRange.All), default);
        if (all.Keys.FirstOrDefault(key => key.Key == s_counter) is not { } counter)
            return all.Keys.IsEmpty ? 0 : throw new CrashPointException("half a transaction is there");
        var found = int.Parse(counter.Value.ToString(), CultureInfo.InvariantCulture);
        if (counter.Modified != RevisionOf(found) || counter.Version.Number != found)
            throw new CrashPointException($"transaction {found} is at revision {counter.Modified}, version {counter.Version}");
        var beside = all.Keys.Single(key => key.Key == ByteString.From($"key{found % 3}"));
        return beside.Value.ToString().StartsWith($"{found} ", StringComparison.Ordinal) && beside.Modified == counter.Modified
            ? found
            : throw new CrashPointException($"transaction {found} is there by half");
    }
}
