using Muster.Peers;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;
using Muster.Stores.Etcd;

namespace Muster.Conformance.Tests;

/// <summary>The etcd engine when connections are cut, late or half open, and when members die.</summary>
public sealed class EtcdFaultTests
{
    private static readonly EtcdStoreOptions s_quick = EtcdStoreOptions.Default with
    {
        ServerWithin = TimeSpan.FromMilliseconds(700),
        WatchSilence = TimeSpan.FromMilliseconds(500),
        AnswerWithin = TimeSpan.FromSeconds(20),
    };

    private static int s_stores;

    [Fact]
    public void A_write_whose_answer_is_lost_is_reported_as_unknown_and_never_sent_again() => On(async scene =>
    {
        var store = await scene.OpenAsync(s_quick);
        await Put(store, "a", "0");

        await LoseAnswerAsync(scene, () => Assert.ThrowsAsync<StoreUnavailableException>(() => Put(store, "a", "1")));

        Assert.Equal((2L, "1"), ((await Get(store, "a")).Version.Number, (await Get(store, "a")).Value.ToString()));
    });

    [Fact]
    public void A_request_with_an_id_whose_answer_is_lost_is_sent_again_and_done_once() => On(async scene =>
    {
        var store = await scene.OpenAsync(s_quick);
        await Put(store, "a", "0");
        var client = (ulong)Random.Shared.NextInt64();
        await store.TransactAsync(Transaction.Always(new Operation.Put(ByteString.From("a"), ByteString.From("1"))), new(client, 1), default);

        await LoseAnswerAsync(scene, async () =>
        {
            var done = await store.TransactAsync(Transaction.Always(new Operation.Put(ByteString.From("a"), ByteString.From("2"))), new(client, 2), default);
            Assert.True(done.Succeeded && done.At == (await Get(store, "a")).Modified);
        });

        Assert.Equal((3L, "2"), ((await Get(store, "a")).Version.Number, (await Get(store, "a")).Value.ToString()));
    });

    [Fact]
    public void Nobody_there_is_no_doubt_and_the_write_waits_for_a_server() => On(async scene =>
    {
        var store = await scene.OpenAsync(s_quick);
        scene.Proxy.Refuses = true;
        scene.Proxy.Cut();
        var put = Put(store, "a", "1");
        await Task.Delay(200);
        scene.Proxy.Refuses = false;

        try
        {
            await put;
        }
        catch (StoreUnavailableException)
        {
            // A connection that was accepted and closed at once may have carried it: not to be known.
        }

        Assert.True((await store.RangeAsync(new Operation.Range(KeyRange.All), default)).Count <= 1);
    });

    [Fact]
    public void A_watch_loses_and_doubles_nothing_while_connections_are_cut_late_and_half_open() => On(async scene =>
    {
        var (store, writer) = (await scene.OpenAsync(s_quick), await scene.OpenAsync(direct: true));
        var start = (await Put(writer, "w/0", "0")).At;
        var seen = new List<(long Revision, string Value)>();
        using var watch = store.WithHistory().Watch(
            KeyRange.Prefix("w/"), start.Next(), events => seen.AddRange(events.Select(e => (e.Key.Modified.Number, e.Key.Value.ToString()))), _ => Assert.Fail("compacted"));
        var written = new List<(long, string)>();

        for (var i = 1; i <= 200; i++)
        {
            if (i % 20 == 0)
                scene.Proxy.Cut();
            scene.Proxy.DelayMilliseconds = i % 30 < 5 ? 20 : 0;
            scene.Proxy.SwallowsAnswers = i is > 100 and < 130;      // half open: nothing comes, and nothing says so
            written.Add(((await Put(writer, $"w/{i % 7}", $"{i}")).At.Number, $"{i}"));
            if (i == 129)
                await Task.Delay(3 * s_quick.WatchSilence);     // long enough to be noticed
        }

        scene.Proxy.SwallowsAnswers = false;
        await UntilAsync(() => seen.Count >= written.Count);

        Assert.Equal(written, seen);
    });

    [Fact]
    public void A_watch_that_was_away_during_a_compaction_ends_and_says_where_one_can_read_again() => On(async scene =>
    {
        var (store, writer) = (await scene.OpenAsync(s_quick), await scene.OpenAsync(direct: true));
        var first = (await Put(writer, "w", "0")).At;
        var (seen, ended, level) = (0, new TaskCompletionSource<Revision>(TaskCreationOptions.RunContinuationsAsynchronously), 0);
        using var watch = store.WithHistory().Watch(KeyRange.Single(ByteString.From("w")), first, events => seen += events.Length, ended.SetResult);
        using var other = store.OnChange(KeyRange.Single(ByteString.From("w")), () => level++);
        await UntilAsync(() => seen == 1 && level > 0);
        scene.Proxy.Refuses = true;
        scene.Proxy.Cut();

        for (var i = 0; i < 3; i++)
            await Put(writer, "w", $"{i}");
        var last = (await Put(writer, "w", "last")).At;
        await writer.CompactAsync(last, default);
        var levelBefore = level;
        scene.Proxy.Refuses = false;

        Assert.Equal(last, await ended.Task);
        Assert.Equal(1, seen);
        await UntilAsync(() => level > levelBefore);      // who only wants to know that something changed goes on
        await Put(writer, "w", "more");
        var before = level;
        await UntilAsync(() => level > before || level > levelBefore + 1);
    });

    [Fact]
    public void A_lease_is_kept_alive_through_reconnections_and_known_to_be_lost_when_it_is() => On(async scene =>
    {
        var store = await scene.OpenAsync(s_quick);
        var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(5), default);
        await Put(store, "leased", "1", lease.Id);

        for (var i = 0; i < 8; i++)
        {
            scene.Proxy.Cut();
            Assert.True(await store.KeepAliveAsync(lease.Id, default));
            await Task.Delay(lease.Term / 5);
        }

        Assert.Equal("1", (await Get(store, "leased")).Value.ToString());
        await store.RevokeLeaseAsync(lease.Id, default);
        scene.Proxy.Cut();
        Assert.False(await store.KeepAliveAsync(lease.Id, default));
    });

    [Fact]
    public void A_lease_whose_granting_was_answered_to_nobody_is_found_again() => On(async scene =>
    {
        var store = await scene.OpenAsync(s_quick);

        await LoseAnswerAsync(scene, async () =>
        {
            var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(60), default);
            Assert.Equal(TimeSpan.FromSeconds(60), lease.Term);
            Assert.True(await store.KeepAliveAsync(lease.Id, default));
        });
    });

    [Fact]
    public void With_three_members_the_connected_one_may_die_and_come_back_and_another_die() => On(async scene =>
    {
        using var cluster = EtcdPeer.Start(members: 3);
        var (store, writer) = (await scene.OpenAsync(s_quick, endpoints: cluster.Endpoints), await scene.OpenAsync(s_quick, endpoints: cluster.Endpoints));
        var start = (await Put(writer, "w", "0")).At;
        var seen = new List<string>();
        using var watch = store.WithHistory().Watch(
            KeyRange.Single(ByteString.From("w")), start.Next(), events => seen.AddRange(events.Select(e => e.Key.Value.ToString())), _ => Assert.Fail("compacted"));
        var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(30), default);
        await Put(store, "leased", "1", lease.Id);
        var written = new List<string>();

        foreach (var victim in (int[])[0, 1, 2])
        {
            cluster.Kill(victim);
            for (var i = 0; i < 10; i++)
                written.AddRange(await WriteAsync(writer, $"{victim}-{i}"));
            Assert.Equal("1", (await Get(store, "leased")).Value.ToString());
            Assert.True(await store.KeepAliveAsync(lease.Id, default));
            cluster.Restart(victim);
        }

        await UntilAsync(() => seen.Count > 0 && seen[^1] == "2-9");
        Assert.Equal(written, seen);
        Assert.Equal(written[^1], (await Get(store, "w")).Value.ToString());
    });

    [Fact]
    public void Users_and_passwords_are_asked_for_and_a_wrong_one_is_refused() => On(async scene =>
    {
        using var server = EtcdPeer.Start();
        Etcdctl(server, "user add root:secret", "role add root", "user grant-role root root", "user add muster:pw,1", "role add muster",
            "role grant-permission --prefix=true muster readwrite /mine/", "user grant-role muster muster", "auth enable");

        var store = await scene.OpenAsync(s_quick, endpoints: server.Endpoints, url: "etcd://muster:pw%2C1@{0}?prefix=/mine/");
        await Put(store, "a", "1");
        var watched = 0;
        using var watch = store.OnChange(KeyRange.All, () => watched++);
        await UntilAsync(() => watched > 0);
        Assert.Equal("1", (await Get(store, "a")).Value.ToString());

        await Assert.ThrowsAsync<EtcdRefusedException>(() => scene.OpenAsync(s_quick, endpoints: server.Endpoints, url: "etcd://muster:wrong@{0}?prefix=/mine/"));
        await Assert.ThrowsAsync<EtcdRefusedException>(() => scene.OpenAsync(s_quick, endpoints: server.Endpoints, url: "etcd://muster:pw%2C1@{0}?prefix=/other/"));
        await Assert.ThrowsAsync<EtcdRefusedException>(() => scene.OpenAsync(s_quick, endpoints: server.Endpoints, url: "etcd://{0}?prefix=/mine/"));
    });

    [Fact]
    public void Servers_of_two_clusters_are_not_taken_for_one() => On(async scene =>
    {
        using var other = EtcdPeer.Start();
        var store = await scene.OpenAsync(s_quick, endpoints: $"127.0.0.1:{scene.Proxy.Port},{other.Endpoints}");

        // Whichever answered first, it answers no more: the next one is of the other cluster.
        scene.Proxy.Refuses = true;
        scene.Proxy.Cut();
        if (await AnswersAsync(store))
        {
            scene.Proxy.Refuses = false;
            other.Kill();
            Assert.False(await AnswersAsync(store));
        }
    });

    private static async Task<bool> AnswersAsync(EtcdStore store)
    {
        try
        {
            await store.RangeAsync(new Operation.Range(KeyRange.All), default);
            return true;
        }
        catch (EtcdRefusedException)
        {
            return false;
        }
    }

    private static async Task<List<string>> WriteAsync(EtcdStore store, string value)
    {
        try
        {
            await Put(store, "w", value);
            return [value];
        }
        catch (StoreUnavailableException)
        {
            // Unknown: look, as whoever is told so must. If it is not there now it may yet come: write past it, so that it cannot hide.
            var there = (await Get(store, "w")).Value.ToString() == value;
            return there ? [value] : [.. await WriteAsync(store, value)];
        }
    }

    private static async Task LoseAnswerAsync(Scene scene, Func<Task> call)
    {
        var answered = scene.Proxy.AnswerBytes;
        scene.Proxy.SwallowsAnswers = true;
        var called = call();
        await UntilAsync(() => scene.Proxy.AnswerBytes > answered);
        await Task.Delay(50);       // all of the answer, not its beginning
        scene.Proxy.SwallowsAnswers = false;
        scene.Proxy.Cut();
        await called;
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), "what is waited for does not come");
            await Task.Delay(5);
        }
    }

    private static void Etcdctl(EtcdPeer server, params string[] commands)
    {
        foreach (var command in commands)
        {
            var start = new System.Diagnostics.ProcessStartInfo("etcdctl", $"--endpoints={server.Endpoints} {command}") { RedirectStandardOutput = true };
            start.Environment["ETCDCTL_API"] = "3";
            using var process = System.Diagnostics.Process.Start(start)!;
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, command);
        }
    }

    private static Task<TransactionResult> Put(IStore store, string key, string value, LeaseId lease = default) =>
        store.TransactAsync(Transaction.Always(new Operation.Put(ByteString.From(key), ByteString.From(value), lease)), null, default);

    private static async Task<KeyValue> Get(IStore store, string key) =>
        Assert.Single((await store.RangeAsync(new Operation.Range(KeyRange.Single(ByteString.From(key))), default)).Keys);

    private static void On(Func<Scene, Task> claim) => LoopContext.Run("etcd", async () =>
    {
        using var scene = new Scene();
        await claim(scene);
    });

    /// <summary>A prefix of its own in the shared etcd, and a proxy before it.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly List<EtcdStore> _stores = [];
        private readonly string _prefix = $"/faults/{Environment.ProcessId}-{Interlocked.Increment(ref s_stores)}/";

        public CuttingProxy Proxy { get; } = new(EtcdEngine.Server.Port);

        public async Task<EtcdStore> OpenAsync(EtcdStoreOptions? options = null, bool direct = false, string? endpoints = null, string? url = null)
        {
            endpoints ??= direct ? EtcdEngine.Server.Endpoints : $"127.0.0.1:{Proxy.Port}";
            var address = EtcdAddress.Parse(url is null ? $"etcd://{endpoints}?prefix={_prefix}" : string.Format(null, url, endpoints));
            var store = await EtcdStore.OpenAsync(
                address, options ?? EtcdStoreOptions.Default, new MonotonicClock(TimeProvider.System), new SeededRandom((ulong)Random.Shared.NextInt64()));
            _stores.Add(store);
            Watch(store.RunAsync(default));
            return store;
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
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
            }
        }
    }
}
