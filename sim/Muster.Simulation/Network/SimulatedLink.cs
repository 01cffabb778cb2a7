using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Network;

/// <summary>One end of a link, in one process.</summary>
internal sealed class SimulatedLink : ILink
{
    private readonly Direction _outgoing;
    private readonly Queue<Action> _early = new();
    private Action<ReadOnlyMemory<byte>>? _received;
    private Action<string>? _closed;

    public SimulatedLink(SimulatedProcess process, long number, string address)
    {
        (Process, Number, Address) = (process, number, address);
        _outgoing = new Direction(this);
    }

    public SimulatedProcess Process { get; }

    public long Number { get; }

    public string Address { get; }

    public bool IsAcceptor { get; init; }

    public bool IsClosed { get; private set; }

    public SimulatedLink? Peer { get; private set; }

    public long Key => (Number * 2) + (IsAcceptor ? 1 : 0);

    public void Start(Action<ReadOnlyMemory<byte>> received, Action<string> closed)
    {
        Process.World.RequireThread(Process.Process, "a link was started");
        Invariant.Require(_closed is null);
        (_received, _closed) = (received, closed);
        while (_early.TryDequeue(out var callback))
            Process.Enqueue(callback);
    }

    public bool TrySend(ReadOnlyMemory<byte> frame)
    {
        if (!Process.Effect($"net.send {Key} {frame.Length} {Trace.Digest(frame.Span):x8}") || IsClosed)
            return false;
        if (_outgoing.Send(frame.ToArray()))
            return true;
        CloseHere("send queue full: the peer does not read");
        return false;
    }

    public void Dispose()
    {
        if (!IsClosed && Number > 0 && Process.Effect($"net.close {Key}"))
            CloseHere("closed here");
    }

    /// <summary>The connection has been made: what was sent early goes on its way.</summary>
    public void Join(SimulatedLink accepted)
    {
        (Peer, accepted.Peer) = (accepted, this);
        _outgoing.Pump();
    }

    public void Deliver(byte[] frame) => Callback(() =>
    {
        if (!IsClosed)
            _received!(frame);
    });

    /// <summary>The network or the peer closed this end.</summary>
    public void CloseFromOutside(string reason)
    {
        if (!IsClosed)
            Close(reason);
    }

    /// <summary>The process is gone: its kernel tells the peer, unless the whole host went.</summary>
    public void ProcessEnded()
    {
        IsClosed = true;
        Process.World.Network.Closed(this);
        if (Process.Host.IsUp)
            _outgoing.EndByDeath();
        else
            _outgoing.Abandon();
    }

    private void CloseHere(string reason)
    {
        Close(reason);
        _outgoing.End();
    }

    private void Close(string reason)
    {
        IsClosed = true;
        Process.World.Network.Closed(this);
        Callback(() => _closed!(reason));
    }

    private void Callback(Action callback)
    {
        if (_closed is null)
            _early.Enqueue(callback);
        else
            Process.Enqueue(callback);
    }
}
