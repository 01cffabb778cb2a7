using Muster.Primitives;
using Muster.Stores;

namespace Muster.Conformance.Tests;

/// <summary>Every part of a transaction and of a range, on every engine: nothing of them may be refused.</summary>
public abstract class TransactionConformance : StoreConformance
{
    [Fact]
    public void All_that_a_transaction_writes_has_one_revision_and_sees_itself() => On(async (store, _) =>
    {
        await Put(store, "old", "1");

        var done = await store.TransactAsync(
            Transaction.Always(
                new Operation.Put(Key("a"), Key("1")),
                new Operation.Range(KeyRange.All),
                new Operation.Delete(KeyRange.Single(Key("old"))) { ReturnPrevious = true },
                new Operation.Put(Key("b"), default)),
            null, default);

        Assert.Equal(["a", "old"], Names(((OperationResult.Range)done.Results[1]).Keys));
        var deleted = (OperationResult.Delete)done.Results[2];
        Assert.Equal((1L, "1"), (deleted.Count, deleted.Previous[0].Value.ToString()));
        Assert.All((await All(store)).Keys, key => Assert.Equal(done.At, key.Modified));
        Assert.Equal(["a", "b"], Names((await All(store)).Keys));
    });

    [Fact]
    public void Nested_transactions_look_at_the_state_before_and_take_their_own_branches() => On(async (store, _) =>
    {
        await Put(store, "a", "1");
        var inner = new Transaction(
            [new Compare(KeyRange.Single(Key("a")), CompareTarget.Value, CompareRelation.Equal, 0, Key("1"))],
            [new Operation.Put(Key("b"), Key("then"))],
            [new Operation.Put(Key("b"), Key("else"))]);

        var done = await store.TransactAsync(
            Transaction.When([Compare.Absent(Key("b"))], new Operation.Put(Key("a"), Key("2")), new Operation.Nested(inner)), null, default);

        Assert.True(done.Succeeded && ((OperationResult.Nested)done.Results[1]).Result.Succeeded);
        Assert.Equal(["2", "then"], (await All(store)).Keys.Select(key => key.Value.ToString()));
    });

    [Theory]
    [InlineData(CompareTarget.Version, CompareRelation.Greater, 1, true)]
    [InlineData(CompareTarget.Version, CompareRelation.Equal, 2, false)]
    [InlineData(CompareTarget.Version, CompareRelation.NotEqual, 0, true)]
    [InlineData(CompareTarget.CreateRevision, CompareRelation.Less, long.MaxValue, true)]
    [InlineData(CompareTarget.ModifyRevision, CompareRelation.Equal, 0, false)]
    [InlineData(CompareTarget.Lease, CompareRelation.Equal, 0, true)]
    public void A_guard_over_a_range_asks_every_key_of_it(CompareTarget target, CompareRelation relation, long operand, bool holds) => On(async (store, _) =>
    {
        await Put(store, "p/a", "1");
        await Put(store, "p/a", "2");
        await Put(store, "p/b", "1");
        await Put(store, "p/b", "2");
        await Put(store, "p/b", "3");

        var done = await store.TransactAsync(
            Transaction.When([new Compare(KeyRange.Prefix("p/"), target, relation, operand, default)], new Operation.Put(Key("c"), Key("1"))), null, default);

        Assert.Equal(holds, done.Succeeded);
    });

    [Fact]
    public void Values_and_leases_are_kept_when_asked() => On(async (store, harness) =>
    {
        var lease = await store.GrantLeaseAsync(harness.Term, default);
        await store.TransactAsync(Transaction.Always(new Operation.Put(Key("a"), Key("1"), lease.Id)), null, default);

        await store.TransactAsync(Transaction.Always(new Operation.Put(Key("a"), Key("2")) { KeepLease = true }), null, default);
        var kept = Assert.Single((await All(store)).Keys);
        var previous = await store.TransactAsync(
            Transaction.Always(new Operation.Put(Key("a"), default) { KeepValue = true, ReturnPrevious = true }), null, default);

        Assert.Equal((lease.Id, "2"), (kept.Lease, kept.Value.ToString()));
        Assert.Equal(kept, ((OperationResult.Put)previous.Results[0]).Previous);
        var detached = Assert.Single((await All(store)).Keys);
        Assert.Equal((LeaseId.None, "2"), (detached.Lease, detached.Value.ToString()));
    });

    [Fact]
    public void A_key_belongs_to_the_lease_of_its_last_put_only() => On(async (store, harness) =>
    {
        var (first, second) = (await store.GrantLeaseAsync(harness.Term, default), await store.GrantLeaseAsync(harness.Term * 10, default));
        await store.TransactAsync(Transaction.Always(new Operation.Put(Key("a"), Key("1"), first.Id), new Operation.Put(Key("b"), Key("1"), first.Id)), null, default);
        await store.TransactAsync(Transaction.Always(new Operation.Put(Key("a"), Key("2"), second.Id)), null, default);

        await store.RevokeLeaseAsync(first.Id, default);
        await store.RevokeLeaseAsync(first.Id, default);   // of a lease that is gone: nothing happens

        Assert.Equal(["a"], Names((await All(store)).Keys));
        Assert.False(await store.KeepAliveAsync(first.Id, default));
        Assert.True(await store.KeepAliveAsync(second.Id, default));
    });

    [Fact]
    public void Ranges_are_sorted_filtered_cut_and_counted() => On(async (store, _) =>
    {
        foreach (var (key, value) in new[] { ("b", "3"), ("a", "2"), ("c", "1"), ("a", "9"), ("d", "0") })
            await Put(store, key, value);
        var all = new Operation.Range(KeyRange.All);

        Assert.Equal(["a", "b", "c", "d"], Names((await store.RangeAsync(all, default)).Keys));
        Assert.Equal(["d", "c", "b", "a"], Names((await store.RangeAsync(all with { Order = SortOrder.Descending }, default)).Keys));
        Assert.Equal(["d", "c", "b", "a"], Names((await store.RangeAsync(all with { Order = SortOrder.Ascending, SortBy = SortTarget.Value }, default)).Keys));
        Assert.Equal(["a", "b", "c", "d"], Names((await store.RangeAsync(all with { Order = SortOrder.Descending, SortBy = SortTarget.Version }, default)).Keys));
        Assert.Equal(["d", "a"], Names((await store.RangeAsync(all with { Order = SortOrder.Descending, SortBy = SortTarget.ModifyRevision, Limit = 2 }, default)).Keys));
        var cut = await store.RangeAsync(all with { Limit = 3 }, default);
        Assert.Equal((3, true, 4L), (cut.Keys.Length, cut.More, cut.Count));
        var counted = await store.RangeAsync(all with { CountOnly = true }, default);
        Assert.Equal((0, 4L), (counted.Keys.Length, counted.Count));
        Assert.All((await store.RangeAsync(all with { KeysOnly = true }, default)).Keys, key => Assert.True(key.Value.IsEmpty));
        var c = (await Read(store, "c")).Keys[0];
        Assert.Equal(["a", "c", "d"], Names((await store.RangeAsync(all with { ModifiedFrom = c.Modified }, default)).Keys));
        Assert.Equal(["b", "c"], Names((await store.RangeAsync(all with { ModifiedTo = c.Modified }, default)).Keys));
        Assert.Equal(["c", "d"], Names((await store.RangeAsync(all with { CreatedFrom = c.Created }, default)).Keys));
        Assert.Equal(["a", "b"], Names((await store.RangeAsync(all with { CreatedTo = new(c.Created.Number - 1) }, default)).Keys));
        Assert.Equal(["b", "c"], Names((await store.RangeAsync(new(new KeyRange(Key("b"), Key("d"))), default)).Keys));
        Assert.Equal(["c", "d"], Names((await store.RangeAsync(new(new KeyRange(Key("c"), new ByteString([0]))), default)).Keys));
    });

    [Fact]
    public void Keys_are_any_bytes_and_values_may_be_large() => On(async (store, _) =>
    {
        ByteString[] keys = [new([0, 1]), new([0xFF, 0xFE]), Key("/"), Key("a/../b"), Key("a b%2F"), Key("é\n"), new(new byte[1000])];
        var large = new ByteString([.. Enumerable.Range(0, 300_000).Select(i => (byte)i)]);
        foreach (var key in keys)
            await store.TransactAsync(Transaction.Always(new Operation.Put(key, large)), null, default);

        var found = (await All(store)).Keys;

        Assert.Equal(keys.Order(), found.Select(key => key.Key));
        Assert.All(found, key => Assert.Equal(large, key.Value));
    });

    [Fact]
    public void A_transaction_may_have_128_guards_and_128_operations() => On(async (store, _) =>
    {
        var guards = Enumerable.Range(0, 128).Select(i => Compare.Absent(Key($"k{i:000}")));
        var puts = Enumerable.Range(0, 128).Select(i => (Operation)new Operation.Put(Key($"k{i:000}"), Key("v")));

        var done = await store.TransactAsync(new Transaction([.. guards], [.. puts], []), null, default);
        var more = await Assert.ThrowsAsync<StoreRefusedException>(() =>
            store.TransactAsync(new Transaction([], [.. puts, new Operation.Put(Key("one more"), default)], []), null, default));

        Assert.True(done.Succeeded);
        Assert.Equal(128, (await All(store)).Count);
        Assert.Equal(StoreRefusal.TooManyOperations, more.Refusal);
    });

    [Fact]
    public void The_end_of_a_lease_and_a_delete_are_told_as_changes() => On(async (store, _) =>
    {
        var lease = await store.GrantLeaseAsync(TimeSpan.FromMinutes(5), default);
        await store.TransactAsync(Transaction.Always(new Operation.Put(Key("l/a"), default, lease.Id), new Operation.Put(Key("d/a"), default)), null, default);

        await Told(store, "l/", () => store.RevokeLeaseAsync(lease.Id, default));
        await Told(store, "d/", () => store.TransactAsync(Transaction.Always(new Operation.Delete(KeyRange.Prefix("d/"))), null, default));

        Assert.Equal(0, (await All(store)).Count);
    });

    [Fact]
    public void A_failed_request_with_an_id_is_answered_the_same_again() => On(async (store, _) =>
    {
        await Put(store, "a", "1");
        var request = new RequestId((ulong)Random.Shared.NextInt64(), 7);
        var guarded = new Transaction([Compare.Absent(Key("a"))], [new Operation.Put(Key("b"), Key("then"))], [new Operation.Put(Key("c"), Key("else"))]);

        var first = await store.TransactAsync(guarded, request, default);
        await store.TransactAsync(Transaction.Always(new Operation.Delete(KeyRange.Single(Key("a")))), null, default);
        var again = await store.TransactAsync(guarded, request, default);
        var next = await store.TransactAsync(guarded, request with { Sequence = 8 }, default);

        Assert.Equal((false, first.At), (again.Succeeded, again.At));
        Assert.True(next.Succeeded);
        Assert.Equal(["b", "c"], Names((await All(store)).Keys));
    });

    /// <summary>After what was told at first, which says nothing, something is told of the change.</summary>
    private static async Task Told(IStore store, string prefix, Func<Task> change)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var changed = false;
        using var watch = store.OnChange(KeyRange.Prefix(prefix), () => Tell());
        await change();
        changed = true;
        if ((await store.RangeAsync(new Operation.Range(KeyRange.Prefix(prefix)), default)).Count > 0)
            Assert.Fail("the change is not there");
        await told.Task;

        void Tell()
        {
            if (changed)
                told.TrySetResult();
            else
                Check();
        }

        async void Check()
        {
            if ((await store.RangeAsync(new Operation.Range(KeyRange.Prefix(prefix)), default)).Count == 0)
                told.TrySetResult();
        }
    }

    private static Task<OperationResult.Range> All(IStore store) => store.RangeAsync(new Operation.Range(KeyRange.All), default);

    private static IEnumerable<string> Names(IEnumerable<KeyValue> keys) => keys.Select(key => key.Key.ToString());
}
