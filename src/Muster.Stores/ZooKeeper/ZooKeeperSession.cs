using System.Text;
using Muster.Codecs;
using Muster.Codecs.ZooKeeper;
using Muster.Network;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Stores.ZooKeeper;

/// <summary>A client's session: one connection at a time, to any server of the ensemble, taken up again after a loss.</summary>
/// <remarks>
/// Runs on one loop. Calls are answered in the order in which they were made. When the connection ends, every call under way
/// fails with <see cref="ConnectionLostException"/>; watches have to be set again when <see cref="Connected"/> is raised.
/// </remarks>
internal sealed class ZooKeeperSession : IDisposable
{
    private readonly ZooKeeperAddress _address;
    private readonly ZooKeeperStoreOptions _options;
    private readonly MonotonicClock _clock;
    private readonly SeededRandom _chance;
    private readonly ZooKeeperLinks _links = new();
    private readonly Inbox<SessionInput> _inbox = new("zookeeper session");
    private readonly Queue<Pending> _pending = [];
    private readonly SessionState _state;
    private TaskCompletionSource _connected = NewSignal();
    private ILink? _link;
    private bool _isConnected;
    private Instant _next;
    private TimeSpan _wait;
    private int _server;
    private int _xid;

    public ZooKeeperSession(ZooKeeperAddress address, ZooKeeperStoreOptions options, MonotonicClock clock, SeededRandom chance)
    {
        (_address, _options, _clock, _chance) = (address, options, clock, chance);
        _state = new SessionState(options.SessionTimeout);
        _wait = options.RetryAfter;
        _server = (int)(chance.NextUInt64() % (ulong)address.Servers.Length);   // clients spread over the ensemble
    }

    /// <summary>Raised on the loop after each connection, before any other call can be made over it.</summary>
    public Action Connected { get; set; } = () => { };

    /// <summary>Raised on the loop for each notice of a watch, before the answer of any later call.</summary>
    public Action<ZnodeNotice> Noticed { get; set; } = _ => { };

    /// <summary>Why the last connection ended.</summary>
    public string LastTrouble { get; private set; } = "no server has answered yet";

    /// <summary>The session's id; changes when one has expired.</summary>
    public long Id => _state.Id;

    /// <summary>Connects and stays connected, until stopped.</summary>
    /// <exception cref="ZooKeeperRefusedException">The credentials are refused.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        var tick = TimeSpan.FromMilliseconds(Math.Clamp(_options.SessionTimeout.TotalMilliseconds / 50, 10, 100));
        using var ticks = Ticker.Start(_clock, tick, _inbox, _ => new SessionInput.Tick());
        Connect();
        while (await _inbox.WaitToReadAsync(stopping))
        {
            while (_inbox.TryRead(out var input))
                Handle(input);
        }
    }

    /// <summary>Waits until there is a connection.</summary>
    public Task ConnectedAsync() => _connected.Task;

    /// <summary>Asks the connected server.</summary>
    /// <exception cref="ConnectionLostException">There is no connection, or it ended before the answer.</exception>
    public Task<ZooKeeperReply> CallAsync(ZooKeeperOperation operation, byte[] body)
    {
        if (!_isConnected || _link is not { } link)
            return Task.FromException<ZooKeeperReply>(new ConnectionLostException(LastTrouble));
        _xid = _xid == int.MaxValue ? 1 : _xid + 1;
        var answer = new TaskCompletionSource<ZooKeeperReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending.Enqueue(new(_xid, answer));
        Send(link, ZooKeeperRequests.Packet(_xid, operation, body));
        return answer.Task;
    }

    /// <summary>Closes the connection; the session is left to its end.</summary>
    public void Dispose() => Drop("closed here");

    private void Handle(SessionInput input)
    {
        switch (input)
        {
            case SessionInput.Tick:
                Tick(_clock.Now);
                break;
            case SessionInput.Frame(var link, var bytes) when link == _link:
                Receive(bytes);
                break;
            case SessionInput.Closed(var link, var reason) when link == _link:
                Drop(reason);
                break;
        }
    }

    private void Tick(Instant now)
    {
        if (_link is not { } link)
        {
            if (now >= _next)
                Connect();
            return;
        }

        if (!_isConnected && now - _state.LastSent >= _state.Timeout / _address.Servers.Length)
            Drop("the server did not answer in time");
        else if (_isConnected && _state.MustMove(now))
            Drop("the server was silent for two thirds of the session");
        else if (_isConnected && _state.MustPing(now))
            Send(link, ZooKeeperRequests.Packet(ReplyHeader.PingXid, ZooKeeperOperation.Ping, []));
    }

    private void Connect()
    {
        var server = _address.Servers[_server];
        _server = (_server + 1) % _address.Servers.Length;
        var link = _links.Connect(server.Host, server.Port);
        _link = link;
        _state.Begun(_clock.Now);
        link.Start(
            frame => _inbox.Post(new SessionInput.Frame(link, frame)),
            reason => _inbox.Post(new SessionInput.Closed(link, $"{server}: {reason}")));
        Send(link, _state.Hello().Encode());
    }

    private void Receive(ReadOnlyMemory<byte> frame)
    {
        try
        {
            if (_isConnected)
                Answer(frame);
            else
                Begin(ConnectResponse.Decode(frame.Span));
        }
        catch (CodecException malformed)
        {
            Drop(malformed.Message);
        }
    }

    private void Begin(ConnectResponse response)
    {
        _state.Heard(_clock.Now, 0);
        if (!_state.Answered(response))
        {
            Drop("the session had expired");
            Connect();
            return;
        }

        _isConnected = true;
        _wait = _options.RetryAfter;
        if (_address.Credentials is { } credentials)
        {
            var body = ZooKeeperRequests.Auth("digest", Encoding.UTF8.GetBytes(credentials));
            Send(_link!, ZooKeeperRequests.Packet(ReplyHeader.AuthXid, ZooKeeperOperation.Auth, body));
        }

        Connected();
        _connected.TrySetResult();
    }

    private void Answer(ReadOnlyMemory<byte> frame)
    {
        var header = ReplyHeader.Decode(frame.Span);
        _state.Heard(_clock.Now, header.Zxid);
        switch (header.Xid)
        {
            case ReplyHeader.PingXid:
                break;
            case ReplyHeader.NoticeXid:
                Noticed(ZnodeNotice.Decode(frame.Span[ReplyHeader.Bytes..]));
                break;
            case ReplyHeader.AuthXid:
                if (header.Error != ZooKeeperError.None)
                    throw new ZooKeeperRefusedException($"the user of {_address}", header.Error);
                break;
            default:
                if (!_pending.TryDequeue(out var pending))
                    throw new CodecException("ZooKeeper reply", 0, $"answers request {header.Xid}, and none is open");
                if (pending.Xid != header.Xid)
                {
                    pending.Answer.TrySetException(new ConnectionLostException("the server answered another request"));
                    throw new CodecException("ZooKeeper reply", 0, $"answers request {header.Xid} where {pending.Xid} is next");
                }

                pending.Answer.TrySetResult(new(header.Error, frame[ReplyHeader.Bytes..]));
                break;
        }
    }

    private void Send(ILink link, byte[] packet)
    {
        _state.Sent(_clock.Now);
        link.TrySend(packet);   // a link that cannot take it closes, and that ends the connection
    }

    private void Drop(string reason)
    {
        LastTrouble = reason;
        _link?.Dispose();
        _link = null;
        if (_isConnected)
            _connected = NewSignal();
        _isConnected = false;
        _next = _clock.Now + _wait * (0.5 + (_chance.NextUInt64() >> 11) / (double)(1UL << 53) / 2);
        _wait = _wait * 2 < _options.RetryAfterMax ? _wait * 2 : _options.RetryAfterMax;
        while (_pending.TryDequeue(out var pending))
            pending.Answer.TrySetException(new ConnectionLostException(reason));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly record struct Pending(int Xid, TaskCompletionSource<ZooKeeperReply> Answer);

    private abstract record SessionInput
    {
        public sealed record Tick : SessionInput;

        public sealed record Frame(ILink Link, ReadOnlyMemory<byte> Bytes) : SessionInput;

        public sealed record Closed(ILink Link, string Reason) : SessionInput;
    }
}

/// <summary>A server's answer to one call.</summary>
/// <param name="Error">Why it refused.</param>
/// <param name="Body">What follows the header; empty when it refused.</param>
internal readonly record struct ZooKeeperReply(ZooKeeperError Error, ReadOnlyMemory<byte> Body);
