using System.Net.Sockets;
using Muster.Runtime;

namespace Muster.Network;

/// <summary>A link over one socket: a reader task for its whole life, a writer task whenever something waits.</summary>
internal sealed class SocketLink : ILink
{
    private readonly Socket _socket;
    private readonly Task _connected;
    private readonly LinkLimits _limits;
    private readonly LengthOrder _order;
    private readonly OutgoingFrames _outgoing;
    private string? _closedBecause;
    private int _started;

    public SocketLink(Socket socket, Task connected, LinkLimits limits, LengthOrder order = LengthOrder.LittleEndian)
    {
        (_socket, _connected, _limits, _order) = (socket, connected, limits, order);
        _outgoing = new OutgoingFrames(limits, order);
    }

    public void Start(Action<ReadOnlyMemory<byte>> received, Action<string> closed)
    {
        ArgumentNullException.ThrowIfNull(received);
        ArgumentNullException.ThrowIfNull(closed);
        if (Interlocked.Exchange(ref _started, 1) != 0)
            throw new InvalidOperationException("the link has been started");
        _ = Task.Run(() => ReadAsync(received, closed));
    }

    public bool TrySend(ReadOnlyMemory<byte> frame)
    {
        if (frame.Length > _limits.FrameBytesMax)
            throw new ArgumentException($"frame of {frame.Length} bytes exceeds LinkLimits.FrameBytesMax {_limits.FrameBytesMax}");
        if (Volatile.Read(ref _closedBecause) is not null)
            return false;
        switch (_outgoing.Add(frame.Span))
        {
            case OutgoingFrames.Added.Queued:
                return true;
            case OutgoingFrames.Added.FirstOfBatch:
                _ = Task.Run(WriteAsync);
                return true;
            default:
                Close($"send queue full ({_limits.QueuedFramesMax} frames or {_limits.QueuedBytesMax} bytes): the peer does not read");
                return false;
        }
    }

    public void Dispose() => Close("closed here");

    private void Close(string reason)
    {
        if (Interlocked.CompareExchange(ref _closedBecause, reason, null) is null)
            _socket.Dispose();   // wakes reader and writer
    }

    private async Task WriteAsync()
    {
        try
        {
            await _connected;
            while (_outgoing.TakeBatch(out var batch))
                for (var sent = 0; sent < batch.Length;)
                    sent += await _socket.SendAsync(batch[sent..], SocketFlags.None);
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            Close(Describe(broken));
        }
    }

    private async Task ReadAsync(Action<ReadOnlyMemory<byte>> received, Action<string> closed)
    {
        var incoming = new IncomingFrames(_limits.FrameBytesMax, _order);
        try
        {
            await _connected;
            while (true)
            {
                var count = await _socket.ReceiveAsync(incoming.Room(), SocketFlags.None);
                if (count == 0)
                {
                    Close(incoming.IsBetweenFrames ? "closed by the peer" : "closed by the peer inside a frame");
                    break;
                }

                if (incoming.Advance(count, received) is { } refusal)
                {
                    Close(refusal);
                    break;
                }
            }
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            Close(Describe(broken));
        }

        closed(_closedBecause!);
    }

    private static bool IsBroken(Exception exception) => exception is SocketException or ObjectDisposedException or IOException;

    private static string Describe(Exception broken) => broken switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "refused: nobody listens there",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "refused: no such socket file",
        _ => broken.Message,
    };
}
