using System.Net.Sockets;

namespace Muster.Worker.Collectives;

/// <summary>One meeting connection after the meeting. The kernel closes it when the peer dies; it never blocks us.</summary>
internal sealed unsafe class ControlLink(Socket socket, int peer) : IDisposable
{
    private const int QueueBytesMax = 256 * ControlMessage.Bytes;   // a peer that reads nothing misses status, not memory

    private readonly byte[] _incoming = new byte[64 * ControlMessage.Bytes];
    private readonly byte[] _outgoing = new byte[QueueBytesMax];
    private int _incomingCount;
    private int _outgoingCount;

    public int Peer { get; } = peer;

    public int Descriptor { get; } = (int)socket.SafeHandle.DangerousGetHandle();

    public bool Closed { get; private set; }

    public bool HasMoreToSend => _outgoingCount > 0 && !Closed;

    /// <summary>Queues a message. Status is dropped when the peer does not read; the rest always has room.</summary>
    public void Post(in ControlMessage message)
    {
        var reserved = message.Kind == ControlKind.Status ? QueueBytesMax / 2 : 0;
        if (Closed || _outgoingCount + ControlMessage.Bytes + reserved > QueueBytesMax)
            return;
        fixed (byte* start = _outgoing)
            *(ControlMessage*)(start + _outgoingCount) = message;
        _outgoingCount += ControlMessage.Bytes;
        Flush();
    }

    public void Flush()
    {
        fixed (byte* start = _outgoing)
        {
            while (_outgoingCount > 0 && !Closed)
            {
                var sent = (int)Libc.Send(Descriptor, start, (nuint)_outgoingCount, Libc.DontWait | Libc.NoSignal);
                if (sent < 0)
                    return;   // would block, or broken: the reading side finds out
                _outgoingCount -= sent;
                Buffer.BlockCopy(_outgoing, sent, _outgoing, 0, _outgoingCount);
            }
        }
    }

    /// <summary>The next whole message, if the peer has sent one.</summary>
    /// <returns>False when there is none now; <see cref="Closed"/> tells whether there can be another.</returns>
    public bool TryTake(out ControlMessage message)
    {
        while (_incomingCount < ControlMessage.Bytes && !Closed && Fill()) { }

        message = default;
        if (_incomingCount < ControlMessage.Bytes)
            return false;
        fixed (byte* start = _incoming)
            message = *(ControlMessage*)start;
        _incomingCount -= ControlMessage.Bytes;
        Buffer.BlockCopy(_incoming, ControlMessage.Bytes, _incoming, 0, _incomingCount);
        return true;
    }

    public void Dispose() => socket.Dispose();

    private bool Fill()
    {
        fixed (byte* start = _incoming)
        {
            var room = _incoming.Length - _incomingCount;
            var count = (int)Libc.Receive(Descriptor, start + _incomingCount, (nuint)room, Libc.DontWait);
            if (count > 0)
            {
                _incomingCount += count;
                return true;
            }

            var error = count == 0 ? 0 : System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
            Closed = error != Libc.WouldBlock && error != Libc.Interrupted;
            return error == Libc.Interrupted;
        }
    }
}
