using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;

namespace Muster.Conformance.Tests;

/// <summary>What every engine promises of <see cref="IStore"/>; one run for each engine.</summary>
public sealed class StoreConformance
{
    public static TheoryData<string> Engines => ["embedded", "zookeeper"];

    [Theory, MemberData(nameof(Engines))]
    public void A_written_key_is_read_back_with_its_revisions(string engine) => On(engine, async (store, _) =>
    {
        var first = await Put(store, "a", "1");
        var second = await Put(store, "a", "2");

        var key = Assert.Single((await Read(store, "a")).Keys);

        Assert.Equal((first.At, second.At, 2L, "2"), (key.Created, key.Modified, key.Version.Number, key.Value.ToString()));
    });

    [Theory, MemberData(nameof(Engines))]
    public void A_guard_that_fails_changes_nothing(string engine) => On(engine, async (store, _) =>
    {
        var before = await Put(store, "a", "1");

        var refused = await store.TransactAsync(
            Transaction.When([Compare.Absent(Key("a"))], new Operation.Put(Key("a"), Key("2"))), null, default);

        Assert.False(refused.Succeeded);
        Assert.Equal(before.At, refused.At);
        Assert.Equal("1", (await Read(store, "a")).Keys[0].Value.ToString());
    });

    [Theory, MemberData(nameof(Engines))]
    public void A_deleted_and_created_key_has_another_create_revision_so_an_old_token_is_refused(string engine) => On(engine, async (store, _) =>
    {
        var token = (await Put(store, "lock", "me")).At;
        await store.TransactAsync(Transaction.Always(new Operation.Delete(KeyRange.Single(Key("lock")))), null, default);
        await Put(store, "lock", "other");

        var stale = await store.TransactAsync(
            Transaction.When([Compare.CreatedAt(Key("lock"), token)], new Operation.Put(Key("data"), Key("zombie"))), null, default);

        Assert.False(stale.Succeeded);
        Assert.Empty((await Read(store, "data")).Keys);
    });

    [Theory, MemberData(nameof(Engines))]
    public void A_request_with_an_id_is_applied_once_however_often_it_is_sent(string engine) => On(engine, async (store, harness) =>
    {
        var request = new RequestId(42, 1);
        var first = await store.TransactAsync(Transaction.Always(new Operation.Put(Key("a"), Key("1"))), request, default);

        await harness.ReopenAsync();
        var again = await harness.Store.TransactAsync(Transaction.Always(new Operation.Put(Key("a"), Key("1"))), request, default);

        Assert.Equal(first.At, again.At);
        Assert.Equal(1, (await Read(harness.Store, "a")).Keys[0].Version.Number);
    });

    [Theory, MemberData(nameof(Engines))]
    public void What_was_acknowledged_is_there_after_opening_again_and_no_revision_is_reused(string engine) => On(engine, async (store, harness) =>
    {
        for (var i = 0; i < 20; i++)
            await Put(store, $"k{i:00}", "v");
        var last = (await Put(store, "last", "v")).At;

        await harness.ReopenAsync();

        Assert.Equal(21, (await harness.Store.RangeAsync(new Operation.Range(KeyRange.All), default)).Count);
        Assert.Equal(last.Next(), (await Put(harness.Store, "next", "v")).At);
    });

    [Theory, MemberData(nameof(Engines))]
    public void A_store_keeps_its_name_for_ever(string engine) => On(engine, async (store, harness) =>
    {
        var name = store.Cluster;

        await harness.ReopenAsync();

        Assert.Equal(name, harness.Store.Cluster);
        Assert.NotEqual(0UL, name.Number);
    });

    [Theory, MemberData(nameof(Engines))]
    public void A_lease_takes_its_keys_with_it_and_never_before_its_term(string engine) => On(engine, async (store, harness) =>
    {
        var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(10), default);
        await store.TransactAsync(Transaction.Always(new Operation.Put(Key("node"), Key("a"), lease.Id)), null, default);

        await harness.AdvanceAsync(lease.Term - TimeSpan.FromSeconds(1));
        Assert.Single((await Read(store, "node")).Keys);
        await harness.AdvanceAsync(TimeSpan.FromSeconds(2));

        Assert.Empty((await Read(store, "node")).Keys);
        Assert.False(await store.KeepAliveAsync(lease.Id, default));
    });

    [Theory, MemberData(nameof(Engines))]
    public void A_lease_that_is_kept_alive_stays_and_has_its_full_term_after_opening_again(string engine) => On(engine, async (store, harness) =>
    {
        var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(10), default);
        await store.TransactAsync(Transaction.Always(new Operation.Put(Key("node"), Key("a"), lease.Id)), null, default);

        await harness.AdvanceAsync(TimeSpan.FromSeconds(9));
        Assert.True(await store.KeepAliveAsync(lease.Id, default));
        await harness.AdvanceAsync(TimeSpan.FromSeconds(9));
        await harness.ReopenAsync();
        await harness.AdvanceAsync(TimeSpan.FromSeconds(9));

        Assert.Single((await Read(harness.Store, "node")).Keys);
    });

    [Theory, MemberData(nameof(Engines))]
    public void A_revoked_lease_deletes_all_its_keys_at_one_revision(string engine) => On(engine, async (store, _) =>
    {
        var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(10), default);
        await store.TransactAsync(
            Transaction.Always(new Operation.Put(Key("a"), Key("1"), lease.Id), new Operation.Put(Key("b"), Key("1"), lease.Id)), null, default);
        var before = (await Put(store, "c", "1")).At;

        await store.RevokeLeaseAsync(lease.Id, default);

        Assert.Equal(before.Next(), (await store.RangeAsync(new Operation.Range(KeyRange.All), default)).At);
        Assert.Equal(["c"], (await store.RangeAsync(new Operation.Range(KeyRange.All), default)).Keys.Select(k => k.Key.ToString()));
    });

    [Theory, MemberData(nameof(Engines))]
    public void A_change_under_a_range_is_told_and_one_elsewhere_need_not_be(string engine) => On(engine, async (store, _) =>
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = store.OnChange(KeyRange.Prefix("jobs/"), () => told.TrySetResult());

        await Put(store, "jobs/a", "1");

        await told.Task;
        Assert.Single((await store.RangeAsync(new Operation.Range(KeyRange.Prefix("jobs/")), default)).Keys);
    });

    [Theory, MemberData(nameof(Engines))]
    public void Refusals_carry_their_reason_and_change_nothing(string engine) => On(engine, async (store, _) =>
    {
        var empty = await Assert.ThrowsAsync<StoreRefusedException>(() => Put(store, "", "v"));
        var lease = await Assert.ThrowsAsync<StoreRefusedException>(() => store.TransactAsync(
            Transaction.Always(new Operation.Put(Key("a"), Key("1"), new LeaseId(99))), null, default));

        Assert.Equal((StoreRefusal.KeyMissing, StoreRefusal.LeaseNotFound), (empty.Refusal, lease.Refusal));
        Assert.Equal(0, (await store.RangeAsync(new Operation.Range(KeyRange.All), default)).Count);
    });

    [Theory, MemberData(nameof(Engines))]
    public void Many_writers_share_syncs_and_each_gets_a_revision_of_its_own(string engine) => On(engine, async (store, _) =>
    {
        var writes = Enumerable.Range(0, 200).Select(i => Put(store, $"w{i}", "v")).ToArray();

        var revisions = (await Task.WhenAll(writes)).Select(result => result.At.Number).ToList();

        Assert.Equal(200, revisions.Distinct().Count());
        Assert.Equal(200, revisions.Max() - revisions.Min() + 1);
    });

    [Fact]
    public void A_watch_delivers_every_event_once_and_in_order_from_a_past_revision() => On("embedded", async (store, _) =>
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

    private static void On(string engine, Func<IStore, IEngine, Task> claim) => LoopContext.Run(engine, async () =>
    {
        using var harness = engine switch
        {
            "embedded" => await EmbeddedEngine.StartAsync(),
            "zookeeper" => await ZooKeeperEngine.StartAsync(),
            _ => throw new ArgumentException($"no engine '{engine}'"),
        };
        await claim(harness.Store, harness);
    });

    private static ByteString Key(string text) => ByteString.From(text);

    private static Task<TransactionResult> Put(IStore store, string key, string value) =>
        store.TransactAsync(Transaction.Always(new Operation.Put(Key(key), Key(value))), null, default);

    private static Task<OperationResult.Range> Read(IStore store, string key) =>
        store.RangeAsync(new Operation.Range(KeyRange.Single(Key(key))), default);
}
