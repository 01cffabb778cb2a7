namespace Muster.Serving.Tests;

/// <summary>`muster store` against a Muster server and a real etcd: what it prints differs in ids only.</summary>
public sealed class StoreCommandTests
{
    public static TheoryData<string> Servers() => ["etcd", "muster"];

    [Theory]
    [MemberData(nameof(Servers))]
    public void Keys_transactions_and_history(string kind)
    {
        using var server = Start(kind);
        var at = server.Endpoint;

        Assert.Equal(2, MusterCommand.Json(at, "put", "a", "1").GetProperty("revision").GetInt64());
        MusterCommand.Json(at, "put", "b", "2");
        Assert.Equal("1", MusterCommand.Json(at, "put", "a", "3", "--prev").GetProperty("previous").GetProperty("value").GetString());
        Assert.Equal("a\t3\nb\t2\n", MusterCommand.Run("store", "get", "a", "--prefix", "--from-key", "--endpoint", at) is (1, _, _)
            ? MusterCommand.Run("store", "get", "", "--prefix", "--endpoint", at).Output : "");
        Assert.Equal("3\n", MusterCommand.Run("store", "get", "a", "--values-only", "--endpoint", at).Output);
        Assert.Equal("1\n", MusterCommand.Run("store", "get", "a", "--values-only", "--rev", "2", "--endpoint", at).Output);
        Assert.Equal("b\na\n", MusterCommand.Run("store", "get", "", "--prefix", "--keys-only", "--order", "desc", "--endpoint", at).Output);
        var done = MusterCommand.Json(at, "txn", "--if", "value(a) = 3", "--if", "version(c) = 0", "--then", "put c 1", "--then", "get \"a\"", "--else", "del b");
        Assert.True(done.GetProperty("succeeded").GetBoolean());
        Assert.Equal("3", done.GetProperty("results")[1].GetProperty("get").GetProperty("keys")[0].GetProperty("value").GetString());
        var not = MusterCommand.Json(at, "txn", "--if", "create(c) = 0", "--then", "put c 1", "--else", "del b");
        Assert.False(not.GetProperty("succeeded").GetBoolean());
        Assert.Equal(1, not.GetProperty("results")[0].GetProperty("del").GetProperty("deleted").GetInt64());
        Assert.Equal("compacted at revision 4\n", MusterCommand.Run("store", "compact", "4", "--endpoint", at).Output);
        var (code, _, errors) = MusterCommand.Run("store", "get", "a", "--rev", "2", "--endpoint", at);
        Assert.Equal((6, "muster: refused: etcdserver: mvcc: required revision has been compacted\n"), (code, errors));
        Assert.Equal(6, MusterCommand.Json(at, "status").GetProperty("revision").GetInt64());
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void Values_that_are_no_text_come_back_as_they_were(string kind)
    {
        using var server = Start(kind);

        MusterCommand.RunWith("line\nline\t", "store", "put", "k", "-", "--endpoint", server.Endpoint);

        Assert.Equal("k\tline\\x0aline\\x09\n", MusterCommand.Run("store", "get", "k", "--endpoint", server.Endpoint).Output);
        Assert.Equal("line\nline\t", MusterCommand.Json(server.Endpoint, "get", "k").GetProperty("keys")[0].GetProperty("value").GetString());
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void Leases(string kind)
    {
        using var server = Start(kind);
        var at = server.Endpoint;

        var lease = MusterCommand.Json(at, "lease", "grant", "50").GetProperty("lease").GetString()!;
        MusterCommand.Json(at, "put", "l", "1", "--lease", lease);
        var shown = MusterCommand.Json(at, "lease", "show", lease);
        Assert.Equal((50L, "l"), (shown.GetProperty("seconds").GetInt64(), shown.GetProperty("keys")[0].GetString()));
        Assert.Equal(lease, MusterCommand.Json(at, "lease", "ls").GetProperty("leases")[0].GetString());
        Assert.Equal(50, MusterCommand.Json(at, "lease", "keep", lease, "--once").GetProperty("seconds").GetInt64());
        MusterCommand.Json(at, "lease", "revoke", lease);
        Assert.Equal(0, MusterCommand.Json(at, "get", "l").GetProperty("count").GetInt64());
        var (code, _, errors) = MusterCommand.Run("store", "lease", "revoke", lease, "--endpoint", at);
        Assert.Equal((6, "muster: refused: etcdserver: requested lease not found\n"), (code, errors));
        Assert.Equal(6, MusterCommand.Run("store", "lease", "keep", lease, "--once", "--endpoint", at).Code);
        Assert.Equal(1, MusterCommand.Run("store", "lease", "revoke", "no-id", "--endpoint", at).Code);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void A_watch_prints_what_happens_and_ends_when_it_was_told_to(string kind)
    {
        using var server = Start(kind);
        var at = server.Endpoint;
        MusterCommand.Json(at, "put", "w/1", "one");

        using var watch = ChildProcess.Start(MusterServer.Program, ["store", "watch", "w/", "--prefix", "--rev", "2", "--prev", "--count", "3", "--endpoint", at]);
        MusterCommand.Json(at, "put", "w/1", "two");
        MusterCommand.Json(at, "put", "other", "x");
        MusterCommand.Json(at, "del", "w/1");

        Assert.Equal(0, watch.Wait());
        Assert.Equal("2\tcreate\tw/1\tone\n3\tput\tw/1\ttwo\twas one\n5\tdelete\tw/1\t\twas two\n", watch.Output);
    }

    [Fact]
    public void A_watch_goes_on_after_its_server_was_killed()
    {
        using var server = MusterServer.Start();
        MusterCommand.Json(server.Endpoint, "put", "w", "1");
        using var watch = ChildProcess.Start(MusterServer.Program, ["store", "watch", "w", "--rev", "2", "--count", "2", "--endpoint", server.Endpoint]);
        watch.WaitFor("create");

        server.Kill();
        server.StartAgain();
        MusterCommand.Json(server.Endpoint, "put", "w", "2");

        Assert.Equal(0, watch.Wait());
        Assert.Equal("2\tcreate\tw\t1\n3\tput\tw\t2\n", watch.Output);
    }

    [Fact]
    public void A_store_that_does_not_answer_is_named()
    {
        var (code, _, errors) = MusterCommand.Run("store", "get", "a", "--endpoint", $"127.0.0.1:{FreePorts.One()}");

        Assert.Equal(5, code);
        Assert.Contains("does not answer", errors, StringComparison.Ordinal);
        Assert.Contains("--endpoint", errors, StringComparison.Ordinal);
    }

    private static IServer Start(string kind)
    {
        if (kind == "muster")
            return MusterServer.Start();
        Peers.Require(Peers.Etcd, Peers.Etcdctl);
        return EtcdServer.Start();
    }
}
