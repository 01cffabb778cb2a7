using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Etcd.Tests.Servers;
using Muster.Keyspace.Tests;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Etcd.Tests.Hostile;

/// <summary>Clients that do wrong, each with one beside it that does not; the server is a process of its own.</summary>
public sealed class HostileTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>What a server may hold under any of this.</summary>
    private const long MemoryMiBMax = 700;

    private readonly Workplace _place = new();
    private ServerProcess _server = null!;
    private Healthy _healthy = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(_place["muster"]);
        _healthy = new(_server.Address);
        await _healthy.GoOnAsync(3);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            Assert.False(_server.HasEnded, "the server has ended");
            await _healthy.GoOnAsync(3);
            output.WriteLine($"the server holds {_server.MemoryMiB} MiB; the healthy client's longest round of {_healthy.Rounds} took {_healthy.Longest.TotalMilliseconds:0} ms");
            Assert.InRange(_server.MemoryMiB, 0, MemoryMiBMax);
            await _healthy.DisposeAsync();
        }
        finally
        {
            await _server.DisposeAsync();
            _place.Dispose();
        }
    }

    [Fact]
    public async Task Bytes_that_are_no_HTTP2_or_nearly_so()
    {
        const int connections = 2_000;
        byte[] call =
        [
            .. RawHttp2.Preface, .. RawHttp2.Frame(4, 0, 0, []), .. RawHttp2.CallHeaders(1, "/etcdserverpb.KV/Put"),
            .. RawHttp2.DataFrame(1, RawHttp2.Message(Proto.Encode(new PutRequest(new(ByteString.From("k"), ByteString.From("v"))))), ends: true),
        ];
        for (var i = 0; i < connections; i++)
        {
            var random = new SeededRandom(Seeds.First + (ulong)i);
            var bytes = call.ToArray();
            for (var times = random.Next(1, 4); times > 0; times--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Chance(0.3))
                bytes = bytes[..random.Next(1, bytes.Length)];
            using var raw = await RawHttp2.ConnectAsync(_server.Address);
            await raw.SendAsync(bytes);
        }

        output.WriteLine($"count: {connections} spoiled connections");
    }

    [Theory]
    [InlineData("longer than it says", 3u, "13")]
    [InlineData("shorter than it says", 100u, "13")]
    [InlineData("of 4 GiB, it says", uint.MaxValue, "8")]
    public async Task A_message_whose_length_is_wrong_is_refused_with_a_status(string what, uint length, string code)
    {
        using var raw = await RawHttp2.OpenAsync(_server.Address);
        await raw.SendAsync(RawHttp2.CallHeaders(1, "/etcdserverpb.KV/Put"));
        await raw.SendAsync(RawHttp2.DataFrame(1, RawHttp2.Message(new byte[] { 0x0A, 0x02, 0x6B, 0x6B, 0x12, 0x01, 0x76 }, length), ends: true));

        var answer = await raw.ReadUntilAsync("grpc-status");

        Assert.True(answer.Contains("grpc-status", StringComparison.Ordinal), what);
        Assert.Contains(code, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_cut_off_and_a_frame_over_the_limit_break_their_connection_alone()
    {
        for (var i = 0; i < 200; i++)
        {
            using var cut = await RawHttp2.OpenAsync(_server.Address);
            await cut.SendAsync(RawHttp2.CallHeaders(1, "/etcdserverpb.KV/Put"));
            await cut.SendAsync(RawHttp2.Frame(0, 0, 1, new byte[100], claimedLength: 1000));
            using var large = await RawHttp2.OpenAsync(_server.Address);
            await large.SendAsync(RawHttp2.Frame(0, 0, 1, new byte[100], claimedLength: 0xFFFFFF));
            Assert.NotNull(await large.ReadUntilAsync("never"));         // until the server closes
        }
    }

    [Fact]
    public async Task Requests_over_the_limits_are_refused_in_etcds_words()
    {
        using var client = new EtcdClient(_server.Address);

        var large = await Assert.ThrowsAsync<GrpcException>(() => client.PutAsync("k", new string('v', 3 * 512 * 1024 + 10)));
        var larger = await Assert.ThrowsAsync<GrpcException>(() => client.PutAsync("k", new string('v', 3 << 20)));
        var many = await Assert.ThrowsAsync<GrpcException>(() => client.TransactAsync(Transaction.Always(
            [.. Enumerable.Range(0, 129).Select(i => new Operation.Put(ByteString.From($"{i}"), default))])));

        Assert.Equal(new(GrpcCode.InvalidArgument, "etcdserver: request is too large"), large.Status);
        Assert.Equal(GrpcCode.ResourceExhausted, larger.Code);
        Assert.Equal(new(GrpcCode.InvalidArgument, "etcdserver: too many operations in txn request"), many.Status);
    }

    [Fact]
    public async Task Transactions_nested_without_end_are_refused()
    {
        using var client = new EtcdClient(_server.Address);
        var transaction = Transaction.Always(new Operation.Put(ByteString.From("k"), default));
        byte[] bytes = [];
        for (var i = 0; i < 20_000; i++)
        {
            var (inner, outer) = (new ProtoWriter(), new ProtoWriter());
            inner.Item(4, bytes);
            outer.Item(2, inner.Written);
            bytes = outer.Written.ToArray();
        }

        for (var i = 0; i < 200; i++)
            transaction = Transaction.Always(new Operation.Nested(transaction));
        var nested = await Assert.ThrowsAsync<GrpcException>(() => client.TransactAsync(transaction));
        var deep = await Assert.ThrowsAsync<GrpcException>(() => client.Channel.UnaryAsync("/etcdserverpb.KV/Txn", bytes));

        Assert.Equal("etcdserver: too many operations in txn request", nested.Status.Detail);
        Assert.Equal("etcdserver: too many operations in txn request", deep.Status.Detail);
    }

    [Fact]
    public async Task Streams_reset_as_soon_as_opened()
    {
        const int resets = 20_000;
        for (var connection = 0; connection < 20; connection++)
        {
            using var raw = await RawHttp2.OpenAsync(_server.Address);
            try
            {
                for (var i = 0; i < resets / 20; i++)
                {
                    await raw.SendAsync(RawHttp2.CallHeaders(1 + 2 * i, "/etcdserverpb.Watch/Watch"));
                    await raw.SendAsync(RawHttp2.ResetFrame(1 + 2 * i));
                }
            }
            catch (System.Net.Sockets.SocketException)
            {
                // The server has had enough of this connection.
            }
        }

        output.WriteLine($"count: {resets} streams reset");
    }

    [Fact]
    public async Task Ten_thousand_idle_connections_and_a_thousand_that_never_said_a_word()
    {
        const int greeted = 10_000, silent = 1_000;
        var connections = new List<RawHttp2>();
        try
        {
            for (var i = 0; i < greeted; i++)
                connections.Add(await RawHttp2.OpenAsync(_server.Address));
            for (var i = 0; i < silent; i++)
                connections.Add(await RawHttp2.ConnectAsync(_server.Address));
            await _healthy.GoOnAsync(20);
            output.WriteLine($"count: {greeted + silent} connections; with them the server holds {_server.MemoryMiB} MiB");
            Assert.InRange(_server.MemoryMiB, 0, MemoryMiBMax);
        }
        finally
        {
            foreach (var connection in connections)
                connection.Dispose();
        }
    }

    [Fact]
    public async Task Writers_that_stop_in_the_middle_of_a_message()
    {
        var slow = new List<RawHttp2>();
        for (var i = 0; i < 500; i++)
        {
            slow.Add(await RawHttp2.OpenAsync(_server.Address));
            await slow[i].SendAsync(RawHttp2.CallHeaders(1, "/etcdserverpb.KV/Put"));
            foreach (var b in RawHttp2.Message(new byte[40])[..20])
                await slow[i].SendAsync(RawHttp2.DataFrame(1, [b]));
        }

        await _healthy.GoOnAsync(20);
        foreach (var raw in slow)
            raw.Dispose();
    }

    [Fact]
    public async Task Readers_that_do_not_read()
    {
        const int readers = 100, writes = 300;
        using var client = new EtcdClient(_server.Address);
        var slow = new List<RawHttp2>();
        var create = RawHttp2.Message(EtcdClient.Create(KeyRange.Prefix("large/")).Span);
        for (var i = 0; i < readers; i++)
        {
            slow.Add(await RawHttp2.OpenAsync(_server.Address));
            await slow[i].SendAsync(RawHttp2.CallHeaders(1, "/etcdserverpb.Watch/Watch"));
            await slow[i].SendAsync(RawHttp2.DataFrame(1, create));
        }

        var value = new string('v', 400_000);
        for (var i = 0; i < writes; i++)
        {
            await client.PutAsync($"large/{i % 3}", value);
            if (i % 50 == 49)
                await client.CompactAsync((await client.PutAsync("small", "")).Header.Revision);
        }

        await _healthy.GoOnAsync(10);
        output.WriteLine($"count: {readers} readers that did not read {(long)readers * writes * value.Length >> 20} MiB of events; with them the server holds {_server.MemoryMiB} MiB");
        Assert.InRange(_server.MemoryMiB, 0, MemoryMiBMax);
        foreach (var raw in slow)
            raw.Dispose();
    }

    [Fact]
    public async Task A_hundred_thousand_watches_on_one_stream()
    {
        const int watches = 100_000;
        using var client = new EtcdClient(_server.Address);
        await using var call = client.Watch();
        var creating = Task.Run(async () =>
        {
            for (var i = 0; i < watches; i++)
                await call.WriteAsync(EtcdClient.Create(i % 100 == 0 ? KeyRange.Prefix("many/") : KeyRange.Single(ByteString.From($"one/{i}"))));
        });
        for (var i = 0; i < watches; i++)
            Assert.True((await EtcdClient.ReadAsync(call))!.IsCreated);
        await creating;

        await client.PutAsync("many/1", "");
        var told = new HashSet<long>();
        while (told.Count < watches / 100)
            Assert.True(told.Add((await EtcdClient.ReadAsync(call))!.Watch));

        Assert.All(told, watch => Assert.Equal(0, watch % 100));
        output.WriteLine($"count: {watches} watches on one stream; with them the server holds {_server.MemoryMiB} MiB");
        Assert.InRange(_server.MemoryMiB, 0, MemoryMiBMax);
    }

    [Fact]
    public async Task A_hundred_thousand_leases_that_end_together()
    {
        const int leases = 100_000, atOnce = 128;
        using var client = new EtcdClient(_server.Address);
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async worker =>
        {
            for (var i = worker; i < leases; i += atOnce)
            {
                var lease = (await client.GrantAsync(2)).Lease;
                if (i % 10 == 0)
                    await PutUnlessEndedAsync(client, i, lease);
            }
        }));

        while (!(await client.CallAsync<EmptyRequest, LeaseLeasesResponse>("Lease/LeaseLeases", default)).Leases.IsEmpty)
            await _healthy.GoOnAsync(1);

        Assert.Empty((await client.RangeAsync(KeyRange.Prefix("leased/"))).Range.Keys);
        output.WriteLine($"count: {leases} leases ended");
    }

    /// <summary>A lease of two seconds may end before a busy machine gets here.</summary>
    private static async Task PutUnlessEndedAsync(EtcdClient client, int number, LeaseId lease)
    {
        try
        {
            await client.PutAsync($"leased/{number}", "", lease);
        }
        catch (GrpcException ended) when (ended.Code == GrpcCode.NotFound)
        {
        }
    }
}
