using System.Buffers;

namespace Muster.Network.Http.Protocol;

/// <summary>One message being written, with room for its prefix in front.</summary>
internal sealed class MessageBuffer : IBufferWriter<byte>
{
    private const int FirstBytes = 256, KeptBytesMax = 16 * 1024;

    private byte[] _buffer = new byte[FirstBytes];
    private int _end = MessagePrefix.Bytes;

    /// <summary>Prefix and message.</summary>
    public ReadOnlyMemory<byte> Frame()
    {
        MessagePrefix.Write(_buffer, _end - MessagePrefix.Bytes);
        return _buffer.AsMemory(0, _end);
    }

    public void Reset()
    {
        _end = MessagePrefix.Bytes;
        if (_buffer.Length > KeptBytesMax)
            _buffer = new byte[FirstBytes];
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - _end), nameof(count));
        _end += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Room(sizeHint);
        return _buffer.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Room(sizeHint);
        return _buffer.AsSpan(_end);
    }

    private void Room(int bytes)
    {
        bytes = Math.Max(bytes, 1);
        if (_buffer.Length - _end < bytes)
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max((long)_end + bytes, 2L * _buffer.Length)));
    }
}
