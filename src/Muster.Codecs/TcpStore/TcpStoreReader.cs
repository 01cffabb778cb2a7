using System.Buffers.Binary;
using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Codecs.TcpStore;

/// <summary>Reads the parts of one request from bytes that may end anywhere in it; past the end everything is empty.</summary>
/// <remarks>A declared length is checked against the limits before its bytes are waited for.</remarks>
internal ref struct TcpStoreReader(ReadOnlySpan<byte> bytes, TcpStoreLimits limits)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Where the next part begins.</summary>
    public int Position { get; private set; }

    /// <summary>When the bytes ended too early: how many there must be at least.</summary>
    public int? Lacks { get; private set; }

    public byte Byte() => Take(1) is [var value] ? value : default;

    public uint Nonce() => Take(sizeof(uint)) is { IsEmpty: false } value ? BinaryPrimitives.ReadUInt32LittleEndian(value) : 0;

    public long Number() => Take(sizeof(long)) is { IsEmpty: false } value ? BinaryPrimitives.ReadInt64LittleEndian(value) : 0;

    public ByteString Key() => Bytes(limits.KeyBytesMax, "a key", nameof(TcpStoreLimits.KeyBytesMax));

    public ByteString Value() => Bytes(limits.ValueBytesMax, "a value", nameof(TcpStoreLimits.ValueBytesMax));

    public ImmutableArray<ByteString> Keys()
    {
        var keys = ImmutableArray.CreateBuilder<ByteString>();
        for (var left = Count(); left > 0 && Lacks is null; left--)
            keys.Add(Key());
        return keys.DrainToImmutable();
    }

    public ImmutableArray<KeyValuePair<ByteString, ByteString>> Pairs()
    {
        var pairs = ImmutableArray.CreateBuilder<KeyValuePair<ByteString, ByteString>>();
        for (var left = Count(); left > 0 && Lacks is null; left--)
            pairs.Add(new(Key(), Value()));
        return pairs.DrainToImmutable();
    }

    private int Count() => Length(limits.KeysMax, "a list", nameof(TcpStoreLimits.KeysMax));

    private ByteString Bytes(int most, string what, string limit)
    {
        var length = Length(most, what, limit);
        return Lacks is null ? ByteString.Copy(Take(length)) : default;
    }

    private int Length(int most, string what, string limit)
    {
        var at = Position;
        var length = (ulong)Number();
        return length <= (ulong)most ? (int)length : throw new CodecException("TCPStore request", at, $"{what} of {length} exceeds {limit} {most}");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Lacks is not null)
            return default;
        var end = (long)Position + count;
        if (end > limits.RequestBytesMax)
            throw new CodecException("TCPStore request", Position, $"a request of more than {nameof(TcpStoreLimits.RequestBytesMax)} {limits.RequestBytesMax} bytes");
        if (end > _bytes.Length)
        {
            Lacks = (int)end;
            return default;
        }

        var part = _bytes.Slice(Position, count);
        Position = (int)end;
        return part;
    }
}
