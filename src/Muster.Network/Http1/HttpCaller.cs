using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Muster.Codecs.Http1;

namespace Muster.Network.Http1;

/// <summary>Makes one request over a connection of its own: for command lines and probes, where start-up time counts.</summary>
public static class HttpCaller
{
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(30);

    /// <summary>Sends a request and waits for the head of its answer.</summary>
    /// <param name="address"><c>unix:PATH</c> or <c>tcp:LOOPBACK:PORT</c>.</param>
    /// <param name="method">Such as <c>GET</c>.</param>
    /// <param name="target">Path and query, percent-encoded.</param>
    /// <param name="body">The body, JSON; empty for none.</param>
    /// <param name="cancel">Gives up; the request may have been carried out.</param>
    /// <returns>The answer; dispose of it to close the connection.</returns>
    /// <exception cref="HttpPeerException">Nobody answers there, or the connection broke.</exception>
    /// <exception cref="HttpRefusedException">What answers is not HTTP (502).</exception>
    public static async Task<HttpAnswer> SendAsync(
        string address, string method, string target, ReadOnlyMemory<byte> body = default, CancellationToken cancel = default)
    {
        var place = NetworkAddress.Parse(address);
        var socket = place.NewSocket();
        var connection = new HttpConnection(socket, TimeProvider.System, SendWithin);
        try
        {
            await ConnectAsync(socket, place, address).WaitAsync(cancel);
            await connection.SendAsync(Message(method, target, body), cancel);
            HttpResponseHead? head;
            do
            {
                head = await connection.ReadHeadAsync(
                    bytes => HttpHeadParser.ParseResponse(bytes.Span, Http1Limits.Default),
                    Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, cancel);
            }
            while (head is { Status: < 200 });
            if (head is null)
                throw new HttpPeerException($"{address} closed without an answer");
            var framing = method == "HEAD" ? default : head.Body;
            return new HttpAnswer(connection, head, new HttpBodyReader(connection, framing, Timeout.InfiniteTimeSpan, long.MaxValue));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static async Task ConnectAsync(Socket socket, NetworkAddress place, string address)
    {
        try
        {
            await SocketConnect.ConnectAsync(socket, place);
        }
        catch (Exception refused) when (refused is SocketException or ObjectDisposedException or IOException)
        {
            throw new HttpPeerException($"nobody answers at {address}: {refused.Message}");
        }
    }

    private static byte[] Message(string method, string target, ReadOnlyMemory<byte> body)
    {
        var headers = ImmutableArray.Create(new HttpHeader("Host", "localhost"), new HttpHeader("Connection", "close"));
        if (!body.IsEmpty || method is "POST" or "PUT")
            headers = headers.Add(new("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture)));
        if (!body.IsEmpty)
            headers = headers.Add(new("Content-Type", "application/json"));
        return [.. HttpHeadWriter.Request(method, target, 1, headers), .. body.Span];
    }
}

/// <summary>An answer whose body may still be coming.</summary>
public sealed class HttpAnswer : IDisposable
{
    private readonly HttpConnection _connection;

    internal HttpAnswer(HttpConnection connection, HttpResponseHead head, HttpBodyReader body) =>
        (_connection, Head, Body) = (connection, head, body);

    /// <summary>Status and headers.</summary>
    public HttpResponseHead Head { get; }

    /// <summary>The status.</summary>
    public int Status => Head.Status;

    /// <summary>The body.</summary>
    public HttpBodyReader Body { get; }

    /// <summary>Reads the rest of the body as UTF-8 text.</summary>
    /// <exception cref="HttpPeerException">The connection broke before the end.</exception>
    public async Task<string> ReadTextAsync(CancellationToken cancel = default) =>
        Encoding.UTF8.GetString(await Body.ReadToEndAsync(cancel));

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();
}
