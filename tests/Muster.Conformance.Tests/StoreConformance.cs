using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;

namespace Muster.Conformance.Tests;

/// <summary>What every engine promises of <see cref="IStore"/>; one run for each engine.</summary>
public abstract class StoreConformance
{
    private protected abstract Task<IEngine> StartAsync();

    [Fact]
    public void A_written_key_is_read_back_with_its_revisions() => On(async (store, _) =>
    {
        var first = await Put(store, "a", "1");
        var second = await Put(store, "a", "2");

        var key = Assert.Single((await Read(store, "a")).Keys);

        Assert.Equal((first.At, second.At, 2L, "2"), (key.Created, key.Modified, key.Version.Number, key.Value.ToString()));
    });

    [Fact]
    public void A_guard_that_fails_changes_nothing() => On(async (store, _) =>
    {
        var before = await Put(store, "a", "1");

        var refused = await store.TransactAsync(
            Transaction.When([Compare.Absent(Key("a"))], new Operation.Put(Key("a"), Key("2"))), null, default);

        Assert.False(refused.Succeeded);
        var key = Assert.Single((await Read(store, "a")).Keys);
        Assert.Equal((before.At, "1"), (key.Modified, key.Value.ToString()));
    });

    [Fact]
    public void A_deleted_and_created_key_has_another_create_revision_so_an_old_token_is_refused() => On(async (store, _) =>
    {
        var token = (await Put(store, "lock", "me")).At;
        await store.TransactAsync(Transaction.Always(new Operation.Delete(KeyRange.Single(Key("lock")))), null, default);
        await Put(store, "lock", "other");

        var stale = await store.TransactAsync(
            Transaction.When([Compare.CreatedAt(Key("lock"), token)], new Operation.Put(Key("data"), Key("zombie"))), null, default);

        Assert.False(stale.Succeeded);
        Assert.Empty((await Read(store, "data")).Keys);
    });

    [Fact]
    public void A_request_with_an_id_is_applied_once_however_often_it_is_sent() => On(async (store, harness) =>
    {
        var request = new RequestId((ulong)Random.Shared.NextInt64(), 1);
        var first = await store.TransactAsync(Transaction.Always(new Operation.Put(Key("a"), Key("1"))), request, default);

        await harness.ReopenAsync();
        var again = await harness.Store.TransactAsync(Transaction.Always(new Operation.Put(Key("a"), Key("1"))), request, default);

        Assert.Equal(first.At, again.At);
        Assert.Equal(1, (await Read(harness.Store, "a")).Keys[0].Version.Number);
    });

    [Fact]
    public void What_was_acknowledged_is_there_after_opening_again_and_no_revision_is_reused() => On(async (store, harness) =>
    {
        for (var i = 0; i < 20; i++)
            await Put(store, $"k{i:00}", "v");
        var last = (await Put(store, "last", "v")).At;

        await harness.ReopenAsync();

        Assert.Equal(21, (await harness.Store.RangeAsync(new Operation.Range(KeyRange.All), default)).Count);
        Assert.True((await Put(harness.Store, "next", "v")).At > last);
    });

    [Fact]
    public void A_store_keeps_its_name_for_ever() => On(async (store, harness) =>
    {
        var name = store.Cluster;

        await harness.ReopenAsync();

        Assert.Equal(name, harness.Store.Cluster);
        Assert.NotEqual(0UL, name.Number);
    });

    [Fact]
    public void A_lease_takes_its_keys_with_it_and_never_before_its_term() => On(async (store, harness) =>
    {
        var before = harness.Now;
        var lease = await store.GrantLeaseAsync(harness.Term, default);
        await store.TransactAsync(Transaction.Always(new Operation.Put(Key("node"), Key("a"), lease.Id)), null, default);

        while ((await Read(store, "node")).Count > 0)
            await harness.AdvanceAsync(harness.Term / 10);

        Assert.True(harness.Now - before >= lease.Term, $"{harness.Now - before} of {lease.Term}");
        Assert.False(await store.KeepAliveAsync(lease.Id, default));
    });

    [Fact]
    public void A_lease_that_is_kept_alive_stays_and_has_its_full_term_after_opening_again() => On(async (store, harness) =>
    {
        var lease = await store.GrantLeaseAsync(harness.Term, default);
        await store.TransactAsync(Transaction.Always(new Operation.Put(Key("node"), Key("a"), lease.Id)), null, default);

        for (var i = 0; i < 3; i++)
        {
            await harness.AdvanceAsync(lease.Term * 0.6);
            Assert.True(await store.KeepAliveAsync(lease.Id, default));
        }

        await harness.ReopenAsync();
        await harness.AdvanceAsync(lease.Term * 0.6);

        Assert.Single((await Read(harness.Store, "node")).Keys);
    });

    [Fact]
    public void A_revoked_lease_deletes_all_its_keys_at_one_revision() => On(async (store, _) =>
    {
        var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(10), default);
        await store.TransactAsync(
            Transaction.Always(new Operation.Put(Key("a"), Key("1"), lease.Id), new Operation.Put(Key("b"), Key("1"), lease.Id)), null, default);
        var before = (await Put(store, "c", "1")).At;

        await store.RevokeLeaseAsync(lease.Id, default);

        Assert.True((await store.RangeAsync(new Operation.Range(KeyRange.All), default)).At > before);
        Assert.Equal(["c"], (await store.RangeAsync(new Operation.Range(KeyRange.All), default)).Keys.Select(k => k.Key.ToString()));
    });

    [Fact]
    public void A_change_under_a_range_is_told_and_one_elsewhere_need_not_be() => On(async (store, _) =>
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = store.OnChange(KeyRange.Prefix("jobs/"), () => told.TrySetResult());

        await Put(store, "jobs/a", "1");

        await told.Task;
        Assert.Single((await store.RangeAsync(new Operation.Range(KeyRange.Prefix("jobs/")), default)).Keys);
    });

    [Fact]
    public void Refusals_carry_their_reason_and_change_nothing() => On(async (store, _) =>
    {
        var empty = await Assert.ThrowsAsync<StoreRefusedException>(() => Put(store, "", "v"));
        var lease = await Assert.ThrowsAsync<StoreRefusedException>(() => store.TransactAsync(
            Transaction.Always(new Operation.Put(Key("a"), Key("1"), new LeaseId(99))), null, default));

        Assert.Equal((StoreRefusal.KeyMissing, StoreRefusal.LeaseNotFound), (empty.Refusal, lease.Refusal));
        Assert.Equal(0, (await store.RangeAsync(new Operation.Range(KeyRange.All), default)).Count);
    });

    [Fact]
    public void Many_writers_share_syncs_and_each_gets_a_revision_of_its_own() => On(async (store, _) =>
    {
        var writes = Enumerable.Range(0, 200).Select(i => Put(store, $"w{i}", "v")).ToArray();

        var revisions = (await Task.WhenAll(writes)).Select(result => result.At.Number).ToList();

        Assert.Equal(200, revisions.Distinct().Count());
    });

    private protected void On(Func<IStore, IEngine, Task> claim) => LoopContext.Run("store", async () =>
    {
        using var harness = await StartAsync();
        await claim(harness.Store, harness);
        ClaimCount.Add(GetType().Name);
    });

    private protected static ByteString Key(string text) => ByteString.From(text);

    private protected static Task<TransactionResult> Put(IStore store, string key, string value, LeaseId lease = default) =>
        store.TransactAsync(Transaction.Always(new Operation.Put(Key(key), Key(value), lease)), null, default);

    private protected static Task<OperationResult.Range> Read(IStore store, string key) =>
        store.RangeAsync(new Operation.Range(KeyRange.Single(Key(key))), default);
}
