using System.Buffers.Binary;
using System.Net.Sockets;

namespace Muster.Worker.Collectives;

/// <summary>A connection that carries frames: 8 bytes of magic, 4 bytes of length, the payload.</summary>
internal sealed class FramedSocket(Socket socket) : IDisposable
{
    private const int HeadBytes = 12;

    private byte[] _buffer = new byte[1024];
    private int _count;

    public Socket Socket { get; } = socket;

    /// <summary>The peer closed, or spoke something else.</summary>
    public bool Broken { get; private set; }

    private static ReadOnlySpan<byte> Magic => "MUSTCOL1"u8;

    /// <summary>Sends a frame. Frames are small against socket buffers, so a peer that reads nothing cannot hold us for long.</summary>
    public bool Send(byte[] payload)
    {
        var frame = new byte[HeadBytes + payload.Length];
        Magic.CopyTo(frame);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(8), payload.Length);
        payload.CopyTo(frame, HeadBytes);
        try
        {
            Socket.SendTimeout = 5000;
            for (var sent = 0; sent < frame.Length;)
                sent += Socket.Send(frame.AsSpan(sent), SocketFlags.None);
        }
        catch (SocketException)
        {
            Broken = true;
        }

        return !Broken;
    }

    /// <summary>Reads what is there (after a poll said there is something) and returns a frame when it is whole.</summary>
    public byte[]? Read()
    {
        try
        {
            while (!Broken && Socket.Poll(0, SelectMode.SelectRead))
            {
                var want = Frame() is { } length ? HeadBytes + length - _count : HeadBytes - _count;
                if (Broken || want == 0)
                    break;
                if (_buffer.Length < _count + want)
                    Array.Resize(ref _buffer, _count + want);
                var count = Socket.Receive(_buffer.AsSpan(_count, want), SocketFlags.None);   // never more than this frame
                Broken = count == 0;
                _count += count;
                if (Frame() == _count - HeadBytes)
                    break;
            }
        }
        catch (SocketException)
        {
            Broken = true;
        }

        if (Broken || Frame() is not { } whole || _count < HeadBytes + whole)
            return null;
        var payload = _buffer[HeadBytes..(HeadBytes + whole)];
        _count = 0;
        return payload;
    }

    /// <summary>Waits for a frame; null when the connection broke or the deadline passed.</summary>
    public byte[]? Await(Deadline deadline)
    {
        while (!Broken && !deadline.Passed)
        {
            if (!Socket.Poll(deadline.Milliseconds(1000) * 1000, SelectMode.SelectRead))
                continue;
            if (Read() is { } payload)
                return payload;
        }

        return null;
    }

    public void Dispose() => Socket.Dispose();

    private int? Frame()
    {
        var known = Math.Min(_count, Magic.Length);
        if (!_buffer.AsSpan(0, known).SequenceEqual(Magic[..known]))
            Broken = true;
        if (Broken || _count < HeadBytes)
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(8));
        Broken = length is < 0 or > MeetingLimits.FrameBytesMax;
        return Broken ? null : length;
    }
}
