using System.Buffers.Binary;
using Muster.Primitives;

namespace Muster.Codecs.Keyspace;

/// <summary>Writes the primitives of the keyspace's formats into a buffer that grows and can be used again.</summary>
internal sealed class RecordWriter
{
    private byte[] _bytes = new byte[256];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    public void Byte(byte value)
    {
        Reserve(1);
        _bytes[Length++] = value;
    }

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    /// <summary>Seven bits a byte, lowest first; the top bit says that more follow.</summary>
    public void Unsigned(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _bytes[Length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _bytes[Length++] = (byte)value;
    }

    /// <summary>Zigzag: small numbers of either sign are short.</summary>
    public void Signed(long value) => Unsigned((ulong)(value << 1 ^ value >> 63));

    public void Bytes(ByteString value)
    {
        Unsigned((ulong)value.Length);
        Reserve(value.Length);
        value.Span.CopyTo(_bytes.AsSpan(Length));
        Length += value.Length;
    }

    /// <summary>A text in UTF-8; the keyspace lets no text through that has no such form.</summary>
    public void Name(string value) => Bytes(ByteString.From(value));

    public void Fixed64(ulong value)
    {
        Reserve(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(Length), value);
        Length += 8;
    }

    /// <summary>Leaves room for a length; returns where.</summary>
    public int OpenLength()
    {
        Reserve(4);
        Length += 4;
        return Length - 4;
    }

    /// <summary>Fills in the length of what was written since.</summary>
    public void CloseLength(int at) =>
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at), (uint)(Length - at - 4));

    private void Reserve(int more)
    {
        if (Length + more > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(Length + more, _bytes.Length * 2));
    }
}
