using System.Buffers;
using System.Text;

namespace Muster.Network.Http.Tests;

/// <summary>A little service that both sides have; the other is Peers/server.py.</summary>
internal sealed class EchoService
{
    private int _begun, _ended;

    public static GrpcServer Server(GrpcServerTls? tls = null, Action<string, Exception>? failed = null, Func<GrpcServerOptions, GrpcServerOptions>? with = null)
    {
        var options = new GrpcServerOptions
        {
            Listeners = [new(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), tls)],
            Failed = failed ?? ((path, failure) => Environment.FailFast(path, failure)),
        };
        var server = new GrpcServer(with?.Invoke(options) ?? options);
        new EchoService().AddTo(server);
        return server;
    }

    public int Ended => Volatile.Read(ref _ended);

    public void AddTo(GrpcServer server)
    {
        server.Unary("/test.Echo/Unary", (_, request, reply) => Answer(reply, request.Span));
        server.Unary("/test.Echo/Large", (_, request, reply) => Answer(reply, new byte[int.Parse(Encoding.UTF8.GetString(request.Span))]));
        server.Unary("/test.Echo/Fail", (_, request, _) => Fail(Encoding.UTF8.GetString(request.Span)));
        server.Unary("/test.Echo/Throw", (_, _, _) => throw new InvalidOperationException("planted"));
        server.Unary("/test.Echo/Metadata", (call, request, reply) =>
            Answer(reply, Encoding.UTF8.GetBytes(call.Metadata(Encoding.UTF8.GetString(request.Span)) ?? "")));
        server.Unary("/test.Echo/Who", (call, _, reply) => Answer(reply, Encoding.UTF8.GetBytes(call.ClientCertificate?.Subject ?? "")));
        server.Unary("/test.Echo/Begun", (_, _, reply) => Answer(reply, Encoding.UTF8.GetBytes($"{Volatile.Read(ref _begun)}")));
        server.Unary("/test.Echo/Ended", (_, _, reply) => Answer(reply, Encoding.UTF8.GetBytes($"{Ended}")));
        server.Unary("/test.Echo/Slow", SlowAsync);
        server.Duplex("/test.Echo/Duplex", EchoAsync);
        server.Duplex("/test.Echo/Stream", StreamAsync);
        server.Duplex("/test.Echo/Broken", BrokenAsync);
    }

    private static ValueTask Answer(IBufferWriter<byte> reply, ReadOnlySpan<byte> bytes)
    {
        reply.Write(bytes);
        return default;
    }

    private static ValueTask Fail(string request)
    {
        var (code, text) = (request.Split(' ')[0], request[(request.IndexOf(' ') + 1)..]);
        throw new GrpcException((GrpcCode)int.Parse(code), text);
    }

    private async ValueTask SlowAsync(GrpcServerCall call, ReadOnlyMemory<byte> request, IBufferWriter<byte> reply)
    {
        Interlocked.Increment(ref _begun);
        try
        {
            await Task.Delay(Timeout.Infinite, call.Cancel);
        }
        finally
        {
            Interlocked.Increment(ref _ended);
        }
    }

    private static async Task EchoAsync(GrpcServerCall call, GrpcServerStream stream)
    {
        while (await stream.ReadAsync() is { } message)
            await stream.WriteAsync(message);
    }

    private static async Task StreamAsync(GrpcServerCall call, GrpcServerStream stream)
    {
        var wish = Encoding.UTF8.GetString((await stream.ReadAsync())!.Value.Span).Split(' ');
        for (var i = 0; i < int.Parse(wish[0]); i++)
            await stream.WriteAsync(Enumerable.Repeat((byte)(i % 251), int.Parse(wish[1])).ToArray());
    }

    private static async Task BrokenAsync(GrpcServerCall call, GrpcServerStream stream)
    {
        for (var i = 0; i < 3; i++)
            await stream.WriteAsync((await stream.ReadAsync())!.Value);
        throw new GrpcException(GrpcCode.FailedPrecondition, "größer als 100 %");
    }
}
