using Muster.Primitives;
using Muster.Stores;

namespace Muster.Conformance.Tests;

/// <summary>What engines with a history promise besides.</summary>
public abstract class VersionedConformance : TransactionConformance
{
    [Fact]
    public void A_watch_delivers_every_event_once_and_in_order_from_a_past_revision() => On(async (store, _) =>
    {
        var versioned = (IVersionedStore)store;
        var first = (await Put(store, "a", "1")).At;
        await Put(store, "a", "2");
        var seen = new List<(long Revision, string Value)>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = versioned.Watch(KeyRange.Single(Key("a")), first, events =>
        {
            seen.AddRange(events.Select(e => (e.Key.Modified.Number, e.IsDelete ? "gone" : e.Key.Value.ToString())));
            if (seen[^1].Value == "gone")
                done.TrySetResult();
        }, _ => Assert.Fail("nothing was compacted"));

        await store.TransactAsync(Transaction.Always(new Operation.Delete(KeyRange.Single(Key("a")))), null, default);
        await done.Task;

        Assert.Equal([(first.Number, "1"), (first.Number + 1, "2"), (first.Number + 2, "gone")], seen);
    });

    [Fact]
    public void Events_tell_what_was_before_and_whole_transactions_at_once() => On(async (store, harness) =>
    {
        var batches = new List<List<StoreEvent>>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lease = await store.GrantLeaseAsync(TimeSpan.FromMinutes(5), default);
        var from = (await Put(store, "start", "1")).At.Next();
        using var watch = store.WithHistory().Watch(KeyRange.Prefix("p/"), from, events =>
        {
            batches.Add([.. events]);
            if (events[^1].IsDelete)
                done.TrySetResult();
        }, _ => Assert.Fail("nothing was compacted"));

        await store.TransactAsync(Transaction.Always(new Operation.Put(Key("p/a"), Key("1"), lease.Id), new Operation.Put(Key("p/b"), Key("1"), lease.Id)), null, default);
        await Put(store, "elsewhere", "1");
        await Put(store, "p/a", "2", lease.Id);
        await store.RevokeLeaseAsync(lease.Id, default);
        await done.Task;

        var events = batches.SelectMany(batch => batch).ToList();
        Assert.Equal(["p/a=1 after", "p/b=1 after", "p/a=2 after 1", "p/a gone after 2", "p/b gone after 1"], events.Select(Text));
        foreach (var revision in events.GroupBy(change => change.Key.Modified))
            Assert.Single(batches, batch => batch.Any(change => change.Key.Modified == revision.Key));

        static string Text(StoreEvent change) =>
            $"{change.Key.Key}{(change.IsDelete ? " gone" : "=" + change.Key.Value)} after {change.Previous?.Value.ToString()}".TrimEnd();
    });

    [Fact]
    public void Old_revisions_are_read_until_they_are_compacted_and_a_watch_from_there_ends() => On(async (store, _) =>
    {
        var first = (await Put(store, "a", "1")).At;
        var last = (await Put(store, "a", "2")).At;
        Assert.Equal("1", (await store.RangeAsync(new(KeyRange.Single(Key("a"))) { At = first }, default)).Keys[0].Value.ToString());

        await store.WithHistory().CompactAsync(last, default);
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => store.RangeAsync(new(KeyRange.Single(Key("a"))) { At = first }, default));
        var ended = new TaskCompletionSource<Revision>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = store.WithHistory().Watch(KeyRange.Single(Key("a")), first, _ => Assert.Fail("it is gone"), ended.SetResult);

        Assert.Equal(StoreRefusal.Compacted, refused.Refusal);
        Assert.True(await ended.Task >= last);
    });
}
