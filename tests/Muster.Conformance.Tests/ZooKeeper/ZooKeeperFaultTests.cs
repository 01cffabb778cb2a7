using Muster.Peers;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;
using Muster.Stores.ZooKeeper;

namespace Muster.Conformance.Tests;

/// <summary>The ZooKeeper engine when connections, sessions and servers are lost, and when several processes share a store.</summary>
public sealed class ZooKeeperFaultTests
{
    private static int s_stores;

    [Fact]
    public void A_write_whose_answer_was_lost_is_done_once() => On(async scene =>
    {
        var (store, other) = (await scene.OpenAsync(), await scene.OpenAsync(direct: true));
        var before = await Put(store, "a", "0");
        for (var round = 1; round <= 3; round++)
        {
            await Get(store, "a");           // whatever else was asked has been answered
            scene.Proxy.SwallowsAnswers = true;
            var put = Put(store, "a", $"{round}");
            while ((await Get(other, "a")).Value != ByteString.From($"{round}"))
                await Task.Yield();      // done, and only its answer is lost
            scene.Proxy.Cut();
            scene.Proxy.SwallowsAnswers = false;

            Assert.Equal(before.At.Number + round, (await put).At.Number);
        }

        Assert.Equal((4L, "3"), ((await Get(store, "a")).Version.Number, (await Get(store, "a")).Value.ToString()));
    });

    [Fact]
    public void A_cut_connection_goes_on_with_the_same_session_and_still_tells_changes() => On(async scene =>
    {
        var (store, other) = (await scene.OpenAsync(), await scene.OpenAsync(direct: true));
        var session = store.SessionId;
        scene.Proxy.Cut();
        await Put(store, "a", "1");
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = store.OnChange(KeyRange.Prefix("b"), () => told.TrySetResult());
        scene.Proxy.Cut();

        await Put(other, "b", "1");

        await told.Task;
        Assert.Equal(session, store.SessionId);
    });

    [Fact]
    public void A_session_that_expired_costs_neither_leases_nor_watches() => On(async scene =>
    {
        var options = ZooKeeperStoreOptions.Default with { SessionTimeout = TimeSpan.FromMilliseconds(400) };
        var (store, other) = (await scene.OpenAsync(options), await scene.OpenAsync(direct: true));
        var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(10), default);
        await Put(store, "leased", "1", lease.Id);
        var told = 0;
        using var watch = store.OnChange(KeyRange.Prefix("b"), () => told++);

        for (var session = store.SessionId; store.SessionId == session;)
        {
            scene.Proxy.Refuses = true;
            scene.Proxy.Cut();
            await Task.Delay(TimeSpan.FromSeconds(1));   // the server alone says when a session is over
            scene.Proxy.Refuses = false;
            await Put(store, "a", "1");
        }

        await Put(other, "b", "1");
        while (told == 0)
            await Task.Yield();
        Assert.Equal("1", (await Get(store, "leased")).Value.ToString());
        Assert.True(await store.KeepAliveAsync(lease.Id, default));
    });

    [Fact]
    public void Processes_that_share_a_store_never_lose_a_write_of_each_other() => On(async scene =>
    {
        var (first, second) = (await scene.OpenAsync(), await scene.OpenAsync(direct: true));

        await Task.WhenAll(CountAsync(first, 100), CountAsync(second, 100));

        Assert.Equal("200", (await Get(first, "count")).Value.ToString());
        Assert.Equal(200, (await Get(second, "count")).Version.Number);
    });

    [Theory, InlineData(4), InlineData(512)]
    public void Who_was_away_reads_what_others_wrote_however_much_it_was(int kept) => On(async scene =>
    {
        var options = ZooKeeperStoreOptions.Default with { CommitsKept = kept };
        var (store, other) = (await scene.OpenAsync(options), await scene.OpenAsync(options, direct: true));
        await Put(store, "gone", "1");
        scene.Proxy.Refuses = true;
        scene.Proxy.Cut();
        for (var i = 0; i < 20; i++)
            await Put(other, $"k{i}", new string('x', i % 5 == 0 ? 20_000 : 5));   // some too large for a commit's own node
        await other.TransactAsync(Transaction.Always(new Operation.Delete(KeyRange.Single(ByteString.From("gone")))), null, default);
        scene.Proxy.Refuses = false;

        var found = await store.RangeAsync(new Operation.Range(KeyRange.All), default);

        Assert.Equal((await other.RangeAsync(new Operation.Range(KeyRange.All), default)).Keys, found.Keys);
        Assert.Equal(20, found.Count);
    });

    [Fact]
    public void A_lease_that_another_process_keeps_alive_is_not_ended_by_a_fast_clock() => On(async scene =>
    {
        var (store, other) = (await scene.OpenAsync(), await scene.OpenAsync(direct: true));
        var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(10), default);
        await Put(store, "leased", "1", lease.Id);

        for (var i = 0; i < 5; i++)
        {
            Assert.True(await other.KeepAliveAsync(lease.Id, default));
            await scene.AdvanceAsync(TimeSpan.FromSeconds(9.9));
        }

        Assert.Equal("1", (await Get(other, "leased")).Value.ToString());
        await scene.AdvanceAsync(TimeSpan.FromSeconds(10.1));
        Assert.Equal(0, (await other.RangeAsync(new Operation.Range(KeyRange.All), default)).Count);
        Assert.False(await other.KeepAliveAsync(lease.Id, default));
    });

    [Fact]
    public void A_keep_alive_that_has_not_been_seen_yet_counts() => On(async scene =>
    {
        var (store, other) = (await scene.OpenAsync(), await scene.OpenAsync(direct: true));
        var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(10), default);
        await Put(store, "leased", "1", lease.Id);
        await scene.AdvanceAsync(TimeSpan.FromSeconds(9.9));
        scene.Proxy.DelayMilliseconds = 300;

        Assert.True(await other.KeepAliveAsync(lease.Id, default));
        await scene.AdvanceAsync(TimeSpan.FromSeconds(0.3));      // for this process the term is over, and nobody has told it otherwise

        scene.Proxy.DelayMilliseconds = 0;
        Assert.Equal("1", (await Get(other, "leased")).Value.ToString());
        Assert.True(await other.KeepAliveAsync(lease.Id, default));
    });

    [Fact]
    public void A_server_that_is_killed_and_started_again_loses_nothing() => On(async scene =>
    {
        using var server = ZooKeeperPeer.Start();
        var store = await scene.OpenAsync(port: server.Port);
        await Put(store, "a", "1");
        server.Kill();
        var put = Put(store, "a", "2");
        server.Restart();

        Assert.Equal(3, (await put).At.Number);
        Assert.Equal((2L, "2"), ((await Get(store, "a")).Version.Number, (await Get(store, "a")).Value.ToString()));
    });

    [Fact]
    public void A_store_that_cannot_be_reached_says_so_in_time() => On(async scene =>
    {
        var store = await scene.OpenAsync();
        scene.Proxy.Refuses = true;
        scene.Proxy.Cut();
        var calls = new Task[] { Put(store, "a", "1"), store.RangeAsync(new Operation.Range(KeyRange.All), default) };
        scene.Time.Advance(ZooKeeperStoreOptions.Default.AnswerWithin + TimeSpan.FromSeconds(1));

        foreach (var call in calls)
            await Assert.ThrowsAsync<StoreUnavailableException>(() => call);
    });

    [Fact]
    public void Nodes_of_a_user_are_for_that_user_only() => On(async scene =>
    {
        var store = await scene.OpenAsync(user: "muster:secret@");
        await Put(store, "a", "1");

        var refused = await Assert.ThrowsAsync<ZooKeeperRefusedException>(() => scene.OpenAsync(user: "other:guess@"));

        Assert.Contains("user", refused.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void What_does_not_fit_in_a_packet_is_refused_and_the_connection_lives() => On(async scene =>
    {
        var store = await scene.OpenAsync();
        await Put(store, "large", new string('x', 512 * 1024));
        for (var i = 0; i < 64; i++)
        {
            await store.TransactAsync(
                Transaction.Always([.. Enumerable.Range(0, 100).Select(n => new Operation.Put(ByteString.From($"{new string('k', 200)}{i}-{n}"), default))]), null, default);
        }

        var put = await Assert.ThrowsAsync<StoreRefusedException>(() => Put(store, "larger", new string('x', 800 * 1024)));
        var delete = await Assert.ThrowsAsync<StoreRefusedException>(() =>
            store.TransactAsync(Transaction.Always(new Operation.Delete(KeyRange.All)), null, default));

        Assert.Equal((StoreRefusal.RequestTooLarge, StoreRefusal.RequestTooLarge), (put.Refusal, delete.Refusal));
        Assert.Equal(6_401, (await store.RangeAsync(new Operation.Range(KeyRange.All) { CountOnly = true }, default)).Count);
    });

    [Fact]
    public void History_is_refused_by_name() => On(async scene =>
    {
        var store = await scene.OpenAsync();

        var refused = Assert.Throws<StoreWithoutHistoryException>(() => store.WithHistory());

        Assert.Equal("ZooKeeper", refused.Engine);
    });

    private static async Task CountAsync(IStore store, int times)
    {
        while (times > 0)
        {
            var found = await store.RangeAsync(new Operation.Range(KeyRange.Single(ByteString.From("count"))), default);
            var (at, count) = found.Keys.IsEmpty ? (Revision.None, 0) : (found.Keys[0].Modified, int.Parse(found.Keys[0].Value.ToString(), null));
            var put = new Operation.Put(ByteString.From("count"), ByteString.From($"{count + 1}"));
            if ((await store.TransactAsync(Transaction.When([Compare.ModifiedAt(put.Key, at)], put), null, default)).Succeeded)
                times--;
        }
    }

    private static Task<TransactionResult> Put(IStore store, string key, string value, LeaseId lease = default) =>
        store.TransactAsync(Transaction.Always(new Operation.Put(ByteString.From(key), ByteString.From(value), lease)), null, default);

    private static async Task<KeyValue> Get(IStore store, string key) =>
        Assert.Single((await store.RangeAsync(new Operation.Range(KeyRange.Single(ByteString.From(key))), default)).Keys);

    private static void On(Func<Scene, Task> claim) => LoopContext.Run("zookeeper", async () =>
    {
        using var scene = new Scene();
        await claim(scene);
    });

    /// <summary>A node of its own in the shared ZooKeeper, a proxy before it, and a time for leases.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly List<ZooKeeperStore> _stores = [];
        private readonly string _chroot = $"/faults/{Environment.ProcessId}-{Interlocked.Increment(ref s_stores)}";

        public CuttingProxy Proxy { get; } = new(ZooKeeperEngine.Server.Port);

        public HandTime Time { get; } = new();

        public async Task<ZooKeeperStore> OpenAsync(ZooKeeperStoreOptions? options = null, bool direct = false, int? port = null, string user = "")
        {
            var address = ZooKeeperAddress.Parse($"zookeeper://{user}127.0.0.1:{port ?? (direct ? ZooKeeperEngine.Server.Port : Proxy.Port)}{_chroot}");
            var store = await ZooKeeperStore.OpenAsync(
                address, options ?? ZooKeeperStoreOptions.Default, new MonotonicClock(Time), new SeededRandom((ulong)_stores.Count + 1), default, new MonotonicClock(TimeProvider.System));
            _stores.Add(store);
            Watch(store.RunAsync(default));
            return store;
        }

        public async Task AdvanceAsync(TimeSpan time)
        {
            Time.Advance(time);
            foreach (var store in _stores.Concat(_stores).Concat(_stores))
                await store.TransactAsync(Transaction.Always(), null, default);
        }

        public void Dispose()
        {
            foreach (var store in _stores)
                store.Dispose();
            Proxy.Dispose();
        }

        private static async void Watch(Task running)
        {
            try
            {
                await running;
            }
            catch (OperationCanceledException)
            {
            }
        }
    }
}
