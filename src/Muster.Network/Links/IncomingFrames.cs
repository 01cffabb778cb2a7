using System.Buffers.Binary;

namespace Muster.Network;

/// <summary>Cuts received bytes into frames. Room grows with what has really arrived, not with what a length promises.</summary>
internal sealed class IncomingFrames(int frameBytesMax, LengthOrder order)
{
    private const int RoomBytes = 64 << 10;

    private byte[] _buffer = new byte[RoomBytes];
    private int _filled;

    public bool IsBetweenFrames => _filled == 0;

    /// <summary>Where to receive next; never empty.</summary>
    public Memory<byte> Room()
    {
        if (_filled == _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, Array.MaxLength));
        return _buffer.AsMemory(_filled);
    }

    /// <summary>Delivers the whole frames among what has been received, each in memory of its own.</summary>
    /// <returns>Why the link must close, or null.</returns>
    public string? Advance(int count, Action<ReadOnlyMemory<byte>> received)
    {
        _filled += count;
        var start = 0;
        while (_filled - start >= 4)
        {
            var prefix = _buffer.AsSpan(start);
            var length = order == LengthOrder.BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(prefix) : BinaryPrimitives.ReadUInt32LittleEndian(prefix);
            if (length > frameBytesMax)
                return $"the peer announced a frame of {length} bytes, over LinkLimits.FrameBytesMax {frameBytesMax}";
            if (_filled - start - 4 < length)
                break;
            received(_buffer.AsSpan(start + 4, (int)length).ToArray());
            start += 4 + (int)length;
        }

        Keep(start);
        return null;
    }

    private void Keep(int start)
    {
        var rest = _filled - start;
        if (start > 0 && rest < RoomBytes && _buffer.Length > RoomBytes)
        {
            var small = new byte[RoomBytes];
            _buffer.AsSpan(start, rest).CopyTo(small);
            _buffer = small;
        }
        else if (start > 0)
        {
            _buffer.AsSpan(start, rest).CopyTo(_buffer);
        }

        _filled = rest;
    }
}
