using System.Diagnostics;
using System.Text;

namespace Muster.Network.Http.Tests;

/// <summary>Our client; Python's server, plain and over mutual TLS, and ours.</summary>
public sealed class ClientTests
{
    public static TheoryData<string> Servers => ["python", "python, mutual TLS", "ours", "ours, mutual TLS"];

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_message_of_any_length_comes_back(string server) => WithAsync(server, async channel =>
    {
        foreach (var length in new[] { 0, 1, 4, 5, 100, 16_000, 70_000, 1_000_000, 2 * 1024 * 1024 })
        {
            var message = new byte[length];
            new Random(length).NextBytes(message);
            Assert.True((await channel.UnaryAsync("/test.Echo/Unary", message, cancel: Cancel)).Span.SequenceEqual(message));
        }
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_large_answer_arrives(string server) => WithAsync(server, async channel =>
        Assert.Equal(50_000_000, (await channel.UnaryAsync("/test.Echo/Large", "50000000"u8.ToArray(), cancel: Cancel)).Length));

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Every_status_arrives_with_its_text(string server) => WithAsync(server, async channel =>
    {
        foreach (var code in Enum.GetValues<GrpcCode>().Where(code => code != GrpcCode.Ok))
        {
            foreach (var text in new[] { "plain", "größer als 100 % \n tab\t", "" })
            {
                var refused = await Assert.ThrowsAsync<GrpcException>(
                    () => channel.UnaryAsync("/test.Echo/Fail", Encoding.UTF8.GetBytes($"{(int)code} {text}"), cancel: Cancel));
                Assert.Equal(new GrpcStatus(code, text), refused.Status);
                Assert.False(refused.WasNotSent);
            }
        }
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task An_unknown_method_is_unimplemented(string server) => WithAsync(server, async channel =>
        Assert.Equal(GrpcCode.Unimplemented, (await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync("/test.Echo/Nothing", default, cancel: Cancel))).Code));

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Metadata_arrives(string server) => WithAsync(server, async channel =>
        Assert.Equal("value", Encoding.UTF8.GetString((await channel.UnaryAsync(
            "/test.Echo/Metadata", "x-test"u8.ToArray(), new() { Metadata = [new("x-test", "value")] }, Cancel)).Span)));

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_deadline_ends_the_call(string server) => WithAsync(server, async channel =>
    {
        var options = new GrpcCallOptions { Timeout = TimeSpan.FromMilliseconds(100) };

        var late = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync("/test.Echo/Slow", default, options, Cancel));
        await using var call = channel.Duplex("/test.Echo/Duplex", options, Cancel);
        var lateStream = await Assert.ThrowsAsync<GrpcException>(async () => await call.ReadAsync());

        Assert.Equal(GrpcCode.DeadlineExceeded, late.Code);
        Assert.Equal(GrpcCode.DeadlineExceeded, lateStream.Code);
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Giving_up_is_no_error_of_the_server(string server) => WithAsync(server, async channel =>
    {
        using var giveUp = new CancellationTokenSource();
        var slow = channel.UnaryAsync("/test.Echo/Slow", default, cancel: giveUp.Token);
        await using var call = channel.Duplex("/test.Echo/Duplex", cancel: giveUp.Token);
        await call.WriteAsync("a"u8.ToArray());
        await call.ReadAsync();

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call.ReadAsync());
        await channel.UnaryAsync("/test.Echo/Unary", default, cancel: Cancel);
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Messages_go_both_ways_and_an_answer_comes_before_the_next_message(string server) => WithAsync(server, async channel =>
    {
        await using var call = channel.Duplex("/test.Echo/Duplex", cancel: Cancel);
        for (var i = 0; i < 100; i++)
        {
            await call.WriteAsync(Encoding.UTF8.GetBytes($"{i}"));
            Assert.Equal($"{i}", Encoding.UTF8.GetString((await call.ReadAsync())!.Value.Span));
        }

        call.Complete();
        Assert.Null(await call.ReadAsync());
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_stream_of_large_messages_arrives_whole_though_its_reader_is_slow(string server) => WithAsync(server, async channel =>
    {
        await using var call = channel.Duplex("/test.Echo/Stream", cancel: Cancel);
        await call.WriteAsync("40 1000000"u8.ToArray());
        call.Complete();
        for (var i = 0; i < 40; i++)
        {
            var message = (await call.ReadAsync())!.Value;
            Assert.Equal(1_000_000, message.Length);
            Assert.Equal(-1, message.Span.IndexOfAnyExcept((byte)(i % 251)));
            await Task.Yield();
        }

        Assert.Null(await call.ReadAsync());
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_stream_that_fails_says_why_after_its_messages(string server) => WithAsync(server, async channel =>
    {
        await using var call = channel.Duplex("/test.Echo/Broken", cancel: Cancel);
        for (var i = 0; i < 3; i++)
        {
            await call.WriteAsync(new byte[i]);
            Assert.Equal(i, (await call.ReadAsync())!.Value.Length);
        }

        var refused = await Assert.ThrowsAsync<GrpcException>(async () => await call.ReadAsync());
        Assert.Equal(new GrpcStatus(GrpcCode.FailedPrecondition, "größer als 100 %"), refused.Status);
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Many_calls_at_once_are_all_answered(string server) => WithAsync(server, async channel =>
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 3000).Select(i =>
            channel.UnaryAsync("/test.Echo/Unary", Encoding.UTF8.GetBytes($"{i}"), cancel: Cancel)));

        Assert.Equal(Enumerable.Range(0, 3000).Select(i => $"{i}"), answers.Select(answer => Encoding.UTF8.GetString(answer.Span)));
    });

    [Fact]
    public async Task A_server_that_is_not_there_was_not_sent_anything()
    {
        var server = EchoService.Server();
        await server.StartAsync(Cancel);
        var address = new Uri($"http://127.0.0.1:{server.Addresses[0].Port}");
        await server.DisposeAsync();
        using var channel = new GrpcChannel(address);

        var failed = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync("/test.Echo/Unary", default, cancel: Cancel));
        await using var call = channel.Duplex("/test.Echo/Duplex", cancel: Cancel);
        var failedStream = await Assert.ThrowsAsync<GrpcException>(async () => await call.ReadAsync());

        Assert.Equal((GrpcCode.Unavailable, true), (failed.Code, failed.WasNotSent));
        Assert.Equal((GrpcCode.Unavailable, true), (failedStream.Code, failedStream.WasNotSent));
        await Assert.ThrowsAsync<GrpcException>(async () => await call.WriteAsync(default));
    }

    [Fact]
    public async Task A_stopping_server_ends_streams_with_unavailable_and_finishes_calls()
    {
        await using var server = EchoService.Server();
        await server.StartAsync(Cancel);
        using var channel = new GrpcChannel(new($"http://127.0.0.1:{server.Addresses[0].Port}"));
        await using var call = channel.Duplex("/test.Echo/Duplex", cancel: Cancel);
        await call.WriteAsync("a"u8.ToArray());
        await call.ReadAsync();

        await server.StopAsync(TimeSpan.FromSeconds(20));

        var ended = await Assert.ThrowsAsync<GrpcException>(async () => await call.ReadAsync());
        Assert.Equal(GrpcCode.Unavailable, ended.Code);
    }

    [Fact]
    public async Task A_handler_that_fails_is_told_to_the_top_and_its_caller_gets_internal()
    {
        var told = new TaskCompletionSource<string>();
        await using var server = EchoService.Server(failed: (path, failure) => told.TrySetResult($"{path} {failure.Message}"));
        await server.StartAsync(Cancel);
        using var channel = new GrpcChannel(new($"http://127.0.0.1:{server.Addresses[0].Port}"));

        var refused = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync("/test.Echo/Throw", default, cancel: Cancel));

        Assert.Equal(GrpcCode.Internal, refused.Code);
        Assert.Equal("/test.Echo/Throw planted", await told.Task);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task WithAsync(string server, Func<GrpcChannel, Task> test)
    {
        using var files = new CertificateFiles();
        var secure = server.EndsWith("TLS", StringComparison.Ordinal);
        if (server.StartsWith("ours", StringComparison.Ordinal))
        {
            await using var ours = EchoService.Server(secure ? files.Server(mutual: true) : null);
            await ours.StartAsync(Cancel);
            using var toOurs = Channel(ours.Addresses[0].Port, files, secure);
            await test(toOurs);
            return;
        }

        PythonPeer.Require();
        using var python = PythonPeer.Start(
            [PythonPeer.Script("server.py"), .. secure ? new[] { files.AuthorityPath, files.ServerPath, files.ServerKeyPath } : []]);
        try
        {
            var port = int.Parse((await python.StandardOutput.ReadLineAsync(Cancel))!);
            using var channel = Channel(port, files, secure);
            await test(channel);
        }
        finally
        {
            python.Kill();
            await python.WaitForExitAsync(Cancel);
        }
    }

    private static GrpcChannel Channel(int port, CertificateFiles files, bool secure) => secure
        ? new(new($"https://localhost:{port}"), files.Client(bringsCertificate: true))
        : new(new($"http://127.0.0.1:{port}"));
}
