using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Muster.Codecs.Http1;

namespace Muster.Network.Http1;

/// <summary>One request and its answer, given to a handler on the thread pool.</summary>
/// <remarks>Reading the body and writing the answer may go on at the same time; each by one caller at a time.</remarks>
#pragma warning disable CA1001 // The source has neither timer nor wait handle: there is nothing to dispose of.
public sealed class HttpExchange
#pragma warning restore CA1001
{
    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    private readonly HttpConnection _connection;
    private readonly HttpServerLimits _limits;
    private readonly CancellationTokenSource _aborted = new();
    private bool _streaming;
    private bool _watched;

    internal HttpExchange(HttpConnection connection, HttpRequestHead request, HttpServerLimits limits)
    {
        (_connection, Request, _limits) = (connection, request, limits);
        var question = request.Target.IndexOf('?', StringComparison.Ordinal);
        Path = question < 0 ? request.Target : request.Target[..question];
        Query = question < 0 ? "" : request.Target[(question + 1)..];
        KeepAlive = request.KeepAlive;
        Body = new HttpBodyReader(connection, request.Body, limits.IdleMax, limits.BodyBytesMax);
        if (request.ExpectsContinue)
            Body.BeforeFirstRead = cancel => HasAnswered ? default : connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), cancel);
    }

    /// <summary>The request's head.</summary>
    public HttpRequestHead Request { get; }

    /// <summary>The method.</summary>
    public string Method => Request.Method;

    /// <summary>The target before any '?', not decoded.</summary>
    public string Path { get; }

    /// <summary>The target after the first '?', not decoded; empty when there is none.</summary>
    public string Query { get; }

    /// <summary>What a route's <c>{name}</c> stands for, decoded; empty until a route has matched.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; internal set; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The request's body.</summary>
    public HttpBodyReader Body { get; }

    /// <summary>Whether an answer has begun.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Cancelled when the client goes away. Known once the request's body has been read, and until the client
    /// sends its next request ahead.</summary>
    public CancellationToken Aborted
    {
        get
        {
            if (!_watched)
            {
                _watched = true;
                Body.Done = () => _ = WatchAsync();
                if (Body.IsDone)
                    _ = WatchAsync();
            }

            return _aborted.Token;
        }
    }

    internal bool KeepAlive { get; private set; }

    /// <summary>Lifts the limits on the body's length and pauses: the body is a stream that lasts.</summary>
    public void AllowStream() => (Body.BytesMax, Body.IdleMax) = (long.MaxValue, Timeout.InfiniteTimeSpan);

    /// <summary>A parameter of the query, decoded; null when it is not there.</summary>
    public string? QueryValue(string name)
    {
        foreach (var pair in Query.Split('&'))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if ((equals < 0 ? pair : pair[..equals]) == name)
                return equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..].Replace('+', ' '));
        }

        return null;
    }

    /// <summary>Answers in whole.</summary>
    /// <exception cref="HttpPeerException">The client is gone or does not read.</exception>
    /// <exception cref="InvalidOperationException">An answer has begun.</exception>
    public async ValueTask RespondAsync(int status, string contentType, ReadOnlyMemory<byte> body, CancellationToken cancel = default)
    {
        Begin();
        var headers = ImmutableArray.CreateBuilder<HttpHeader>();
        if (status != 204)
            headers.Add(new("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture)));
        if (status != 204 && !body.IsEmpty)
            headers.Add(new("Content-Type", contentType));
        var head = Head(status, headers);
        if (Method == "HEAD" || status == 204)
            body = default;
        var message = new byte[head.Length + body.Length];
        head.CopyTo(message, 0);
        body.Span.CopyTo(message.AsSpan(head.Length));
        await _connection.SendAsync(message, cancel);
    }

    /// <summary>Answers with JSON.</summary>
    public ValueTask RespondJsonAsync(int status, ReadOnlyMemory<byte> json, CancellationToken cancel = default) =>
        RespondAsync(status, "application/json", json, cancel);

    /// <summary>Answers with <c>{"error": error}</c>.</summary>
    /// <param name="status">400 to 599.</param>
    /// <param name="error">What was wrong and what to do.</param>
    /// <param name="cancel">Stops sending.</param>
    public ValueTask RefuseAsync(int status, string error, CancellationToken cancel = default) =>
        RespondJsonAsync(status, Encoding.UTF8.GetBytes($"{{\"error\": \"{JsonEncodedText.Encode(error)}\"}}\n"), cancel);

    /// <summary>Begins an answer of unknown length; it ends when the handler returns.</summary>
    public async ValueTask StartStreamAsync(int status, string contentType, CancellationToken cancel = default)
    {
        Begin();
        _streaming = true;
        var headers = ImmutableArray.CreateBuilder<HttpHeader>();
        headers.Add(new("Content-Type", contentType));
        if (Request.Minor == 1)
            headers.Add(new("Transfer-Encoding", "chunked"));
        else
            KeepAlive = false;
        await _connection.SendAsync(Head(status, headers), cancel);
    }

    /// <summary>Sends bytes of an answer begun with <see cref="StartStreamAsync"/>, at once.</summary>
    /// <exception cref="HttpPeerException">The client is gone or does not read.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel = default)
    {
        if (!_streaming)
            throw new InvalidOperationException("no streamed answer has begun");
        if (bytes.IsEmpty || Method == "HEAD")
            return default;
        if (Request.Minor == 0)
            return _connection.SendAsync(bytes, cancel);
        var size = Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture));
        return _connection.SendAsync(Concat(size, LineEnd, bytes.Span, LineEnd), cancel);
    }

    /// <summary>Ends the answer after its handler has returned.</summary>
    /// <returns>Whether the connection can serve another request.</returns>
    internal async ValueTask<bool> FinishAsync()
    {
        if (_streaming && Request.Minor == 1 && Method != "HEAD")
            await _connection.SendAsync(LastChunk, default);
        // A client that waits for leave to send the body never got it: where its next request begins cannot be known.
        if (!KeepAlive || Body.BeforeFirstRead is not null)
            return false;
        Body.BytesMax = Math.Min(Body.BytesMax, Body.BytesRead + _limits.DrainBytesMax);
        var dropped = new byte[4096];
        try
        {
            while (!Body.IsDone)
                await Body.ReadAsync(dropped);
            return true;
        }
        catch (HttpRefusedException)
        {
            return false;   // it has its answer; the rest of what it sends is too long or malformed
        }
    }

    private void Begin()
    {
        if (HasAnswered)
            throw new InvalidOperationException("an answer has begun already");
        HasAnswered = true;
    }

    private byte[] Head(int status, ImmutableArray<HttpHeader>.Builder headers)
    {
        if (!KeepAlive || Body.BeforeFirstRead is not null)
            headers.Add(new("Connection", "close"));
        return HttpHeadWriter.Response(status, 1, headers.ToImmutable());
    }

    private static byte[] Concat(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d)
    {
        var all = new byte[a.Length + b.Length + c.Length + d.Length];
        a.CopyTo(all);
        b.CopyTo(all.AsSpan(a.Length));
        c.CopyTo(all.AsSpan(a.Length + b.Length));
        d.CopyTo(all.AsSpan(a.Length + b.Length + c.Length));
        return all;
    }

    private async Task WatchAsync()
    {
        await _connection.PeerGoneAsync();
        await _aborted.CancelAsync();
    }
}
