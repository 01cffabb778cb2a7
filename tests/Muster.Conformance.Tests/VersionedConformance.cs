using Muster.Primitives;
using Muster.Stores;

namespace Muster.Conformance.Tests;

/// <summary>What engines with a history promise besides.</summary>
public abstract class VersionedConformance : StoreConformance
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
}
