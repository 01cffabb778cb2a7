using System.Net;
using System.Net.Sockets;

namespace Muster.Peers;

/// <summary>Stands between a client and a server and does to their connections what networks do.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _open = [];
    private readonly int _target;
    private volatile bool _swallowsAnswers;
    private volatile bool _swallowsRequests;
    private volatile bool _refuses;
    private int _delayMilliseconds;
    private long _answerBytes;

    public CuttingProxy(int target)
    {
        _target = target;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _ = Task.Run(AcceptAsync);
    }

    public int Port { get; }

    /// <summary>Answers vanish while requests arrive: a half-open connection.</summary>
    public bool SwallowsAnswers { get => _swallowsAnswers; set => _swallowsAnswers = value; }

    /// <summary>Requests vanish too.</summary>
    public bool SwallowsRequests { get => _swallowsRequests; set => _swallowsRequests = value; }

    /// <summary>New connections are closed at once.</summary>
    public bool Refuses { get => _refuses; set => _refuses = value; }

    /// <summary>Each piece of bytes is late by this much.</summary>
    public int DelayMilliseconds { get => Volatile.Read(ref _delayMilliseconds); set => Volatile.Write(ref _delayMilliseconds, value); }

    /// <summary>Bytes that servers have answered so far, swallowed ones included.</summary>
    public long AnswerBytes => Interlocked.Read(ref _answerBytes);

    /// <summary>Ends every connection, in the middle of whatever they carry.</summary>
    public void Cut()
    {
        lock (_open)
        {
            foreach (var socket in _open)
                socket.Dispose();
            _open.Clear();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Cut();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await _listener.AcceptAsync();
                if (_refuses)
                {
                    client.Dispose();
                    continue;
                }

                var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                client.NoDelay = true;
                lock (_open)
                    _open.AddRange([client, server]);
                _ = Task.Run(() => ServeAsync(client, server));
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client, Socket server)
    {
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(PumpAsync(client, server, () => _swallowsRequests, false), PumpAsync(server, client, () => _swallowsAnswers, true));
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
        }

        client.Dispose();
        server.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to, Func<bool> swallows, bool answers)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                var vanishes = swallows();      // decided before it is counted: who saw the count may change it at once
                if (answers)
                    Interlocked.Add(ref _answerBytes, count);
                if (DelayMilliseconds > 0)
                    await Task.Delay(DelayMilliseconds);
                for (var sent = 0; sent < count && !vanishes;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
        }
    }
}
