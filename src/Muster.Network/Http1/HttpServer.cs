using System.Net.Sockets;
using Muster.Codecs.Http1;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Network.Http1;

/// <summary>A small HTTP/1.1 server for local APIs: Unix sockets and loopback.</summary>
/// <remarks>Handlers run on the thread pool and post to loops; a handler may keep its exchange open as long as it likes.</remarks>
public sealed class HttpServer : IDisposable
{
    private readonly Func<HttpExchange, Task> _handler;
    private readonly Action<string, Exception> _failed;
    private readonly HttpServerLimits _limits;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly HashSet<HttpConnection> _connections = [];
    private SocketListener? _listener;
    private bool _disposed;

    private HttpServer(Func<HttpExchange, Task> handler, Action<string, Exception> failed, HttpServerLimits limits, TimeProvider time) =>
        (_handler, _failed, _limits, _time) = (handler, failed, limits, time);

    /// <summary>Serves an address until disposed; open connections then break.</summary>
    /// <param name="address"><c>unix:PATH</c> (mode 0600) or <c>tcp:LOOPBACK:PORT</c>.</param>
    /// <param name="handler">Answers one exchange. <see cref="HttpRefusedException"/> becomes the answer it names;
    /// <see cref="HttpPeerException"/> and cancellation break the connection.</param>
    /// <param name="failed">Receives what else a handler throws, with the address: the process's top, which ends the process.</param>
    /// <param name="limits">The defaults when null.</param>
    /// <param name="time">Measures the limits' durations; the system's when null.</param>
    /// <exception cref="TransportException">The address is malformed, in use or not ours.</exception>
    public static HttpServer Listen(
        string address, Func<HttpExchange, Task> handler, Action<string, Exception> failed, HttpServerLimits? limits = null,
        TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(failed);
        var server = new HttpServer(handler, (_, failure) => failed(address, failure), limits ?? HttpServerLimits.Default, time ?? TimeProvider.System);
        server._listener = SocketListener.Start(address, backlog: 512, socket => _ = Task.Run(() => server.ServeAsync(socket)));
        return server;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener?.Dispose();
        lock (_gate)
        {
            _disposed = true;
            foreach (var connection in _connections)
                connection.Dispose();
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var connection = new HttpConnection(socket, _time, _limits.SendWithin);
        try
        {
            if (!Admit(connection))
                throw new HttpRefusedException(503, $"more than ConnectionsMax {_limits.ConnectionsMax} connections; close some");
            while (await ServeOneAsync(connection))
            {
            }

            await connection.LingerAsync(_limits.LingerMax);
        }
        catch (HttpRefusedException refused)
        {
            await RefuseAsync(connection, refused.Refusal);
        }
        catch (Exception gone) when (gone is HttpPeerException or OperationCanceledException)
        {
            // The client's doing, or its reader's: the connection is of no more use.
        }
#pragma warning disable CA1031 // A handler's failure is the process's: it goes to the top, which ends the process.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _failed("", failure);
        }
        finally
        {
            lock (_gate)
                _connections.Remove(connection);
        }
    }

    private async Task<bool> ServeOneAsync(HttpConnection connection)
    {
        var head = await connection.ReadHeadAsync(
            bytes => HttpHeadParser.ParseRequest(bytes.Span, _limits.Head), _limits.IdleMax, _limits.HeadWithin, default);
        if (head is null)
            return false;
        var exchange = new HttpExchange(connection, head, _limits);
        try
        {
            await _handler(exchange);
            Invariant.Require(exchange.HasAnswered);
        }
        catch (HttpRefusedException refused) when (!exchange.HasAnswered)
        {
            await exchange.RefuseAsync(refused.Refusal.Status, refused.Refusal.Reason);
        }
        catch (HttpRefusedException refused)
        {
            throw new HttpPeerException(refused.Message);   // too late to say so: the answer breaks off
        }

        return await exchange.FinishAsync();
    }

    private bool Admit(HttpConnection connection)
    {
        lock (_gate)
        {
            if (_disposed)
                throw new HttpPeerException("the server has been disposed of");
            return _connections.Count < _limits.ConnectionsMax && _connections.Add(connection);
        }
    }

    private async Task RefuseAsync(HttpConnection connection, HttpRefusal refusal)
    {
        try
        {
            var request = new HttpRequestHead("GET", "/", 1, [], default, KeepAlive: false, ExpectsContinue: false);
            await new HttpExchange(connection, request, _limits).RefuseAsync(refusal.Status, refusal.Reason);
            await connection.LingerAsync(_limits.LingerMax);
        }
        catch (HttpPeerException)
        {
            // It did not wait for the reason.
        }
    }
}
