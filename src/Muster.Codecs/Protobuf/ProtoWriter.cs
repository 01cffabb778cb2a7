using System.Text;
using Muster.Primitives;

namespace Muster.Codecs.Protobuf;

/// <summary>Appends fields to a buffer that grows, and is used again for the next message.</summary>
/// <remarks>A field whose value is zero, false or empty is left out, as version 3 has it.</remarks>
public sealed class ProtoWriter
{
    private const int Varint = 0, Length = 2;
    private const int NumberBytesMax = 10;

    private byte[] _buffer = new byte[256];
    private int _length;

    /// <summary>What was written since the last <see cref="Reset"/>; valid until the next call.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>The same, for asynchronous callers.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>Begins the next message.</summary>
    /// <param name="bytesKeptMax">A larger buffer is given back; default 1 MiB.</param>
    public ProtoWriter Reset(int bytesKeptMax = 1 << 20)
    {
        _length = 0;
        if (_buffer.Length > bytesKeptMax)
            _buffer = new byte[256];
        return this;
    }

    /// <summary>A number; a negative one takes ten bytes.</summary>
    public void Number(int field, long value) => Number(field, (ulong)value);

    /// <summary>A number.</summary>
    public void Number(int field, ulong value)
    {
        if (value == 0)
            return;
        Room(2 * NumberBytesMax);
        Raw((uint)(field << 3 | Varint));
        Raw(value);
    }

    /// <summary>A flag.</summary>
    public void Flag(int field, bool value) => Number(field, value ? 1UL : 0);

    /// <summary>Bytes; left out when there are none.</summary>
    public void Bytes(int field, ByteString value)
    {
        if (!value.IsEmpty)
            Item(field, value.Span);
    }

    /// <summary>Bytes as one of many: there even when empty.</summary>
    public void Item(int field, ReadOnlySpan<byte> value)
    {
        Room(2 * NumberBytesMax + value.Length);
        Raw((uint)(field << 3 | Length));
        Raw((uint)value.Length);
        value.CopyTo(_buffer.AsSpan(_length));
        _length += value.Length;
    }

    /// <summary>A text; left out when empty.</summary>
    public void Text(int field, string value)
    {
        if (value.Length > 0)
            TextItem(field, value);
    }

    /// <summary>A text as one of many: there even when empty.</summary>
    public void TextItem(int field, string value)
    {
        var mark = Open(field);
        Room(Encoding.UTF8.GetMaxByteCount(value.Length));
        _length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_length));
        Close(mark);
    }

    /// <summary>A message, there even when it has no fields.</summary>
    public void Message<T>(int field, T value)
        where T : IProtoMessage<T>
    {
        var mark = Open(field);
        value.Write(this);
        Close(mark);
    }

    /// <summary>Begins a message inside this one.</summary>
    /// <returns>For <see cref="Close"/>.</returns>
    public int Open(int field)
    {
        Room(NumberBytesMax + 1);
        Raw((uint)(field << 3 | Length));
        return _length++;                     // room for a length of one byte, which most have
    }

    /// <summary>Ends the message that <see cref="Open"/> began.</summary>
    public void Close(int mark)
    {
        var length = _length - mark - 1;
        if (length < 0x80)
        {
            _buffer[mark] = (byte)length;
            return;
        }

        var more = 0;
        for (var rest = length >> 7; rest > 0; rest >>= 7)
            more++;
        Room(more);
        _buffer.AsSpan(mark + 1, length).CopyTo(_buffer.AsSpan(mark + 1 + more));
        _length = mark;
        Raw((uint)length);
        _length += length;
    }

    private void Raw(ulong value)
    {
        while (value >= 0x80)
        {
            _buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_length++] = (byte)value;
    }

    private void Room(int bytes)
    {
        if (_buffer.Length - _length < bytes)
            Array.Resize(ref _buffer, checked((int)Math.Min(Array.MaxLength, Math.Max((long)_length + bytes, 2L * _buffer.Length))));
    }
}
