using System.Buffers.Binary;
using System.Text;

namespace Muster.Codecs.ZooKeeper;

/// <summary>Writes ZooKeeper's record format: big-endian numbers, lengths before bytes, -1 for null; no tags.</summary>
internal sealed class JuteWriter
{
    private byte[] _bytes = new byte[128];

    public int Length { get; private set; }

    public byte[] ToArray() => _bytes.AsSpan(0, Length).ToArray();

    public JuteWriter Int(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);
        return this;
    }

    public JuteWriter Long(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);
        return this;
    }

    public JuteWriter Flag(bool value)
    {
        Reserve(1)[0] = value ? (byte)1 : (byte)0;
        return this;
    }

    public JuteWriter Buffer(ReadOnlyMemory<byte>? value)
    {
        if (value is not { } bytes)
            return Int(-1);
        Int(bytes.Length);
        bytes.Span.CopyTo(Reserve(bytes.Length));
        return this;
    }

    public JuteWriter Text(string value)
    {
        Int(Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, Reserve(Encoding.UTF8.GetByteCount(value)));
        return this;
    }

    private Span<byte> Reserve(int count)
    {
        if (Length + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(Length + count, _bytes.Length * 2));
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}
