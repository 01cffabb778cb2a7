using System.Buffers.Binary;
using System.Text;
using Muster.Primitives;

namespace Muster.Codecs.Keyspace;

/// <summary>Reads the primitives of the keyspace's formats; whatever is not as the writer would write it is refused.</summary>
/// <param name="bytes">The input.</param>
/// <param name="origin">Offset of its first byte in the whole, for error messages.</param>
/// <param name="what">What is read, for error messages.</param>
internal ref struct RecordReader(ReadOnlySpan<byte> bytes, long origin, string what = "keyspace record")
{
    private static readonly ByteString[] s_singles = [.. Enumerable.Range(0, 256).Select(b => new ByteString([(byte)b]))];

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly long _origin = origin;
    private readonly string _what = what;
    private int _position;

    public readonly int Remaining => _bytes.Length - _position;

    public readonly int Position => _position;

    public readonly CodecException Fail(string problem) => new(_what, _origin + _position, problem);

    public byte Byte()
    {
        if (_position == _bytes.Length)
            throw Fail("the input ends inside a record");
        return _bytes[_position++];
    }

    public bool Flag()
    {
        var value = Byte();
        if (value > 1)
            throw Back(1).Fail($"a flag is {value}, not 0 or 1");
        return value == 1;
    }

    public ulong Unsigned()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next >= 0x80)
                continue;
            if (next == 0 && shift > 0 || shift == 63 && next > 1)
                throw Back(1).Fail("a number is not written in its shortest form, or exceeds 64 bits");
            return value;
        }

        throw Back(1).Fail("a number exceeds 64 bits");
    }

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int Int32()
    {
        var value = Signed();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Fail($"{value} exceeds 32 bits");
    }

    /// <summary>A number of things that take at least so many bytes each.</summary>
    public int Count(int bytesEach)
    {
        var count = Unsigned();
        if (count > (ulong)(Remaining / bytesEach))
            throw Fail($"{count} records are announced, and {Remaining} bytes remain");
        return (int)count;
    }

    public ByteString Bytes()
    {
        var length = Unsigned();
        if (length > (ulong)Remaining)
            throw Fail($"{length} bytes are announced, and {Remaining} remain");
        var span = _bytes.Slice(_position, (int)length);
        _position += (int)length;
        return span.Length switch
        {
            0 => ByteString.Empty,
            1 => s_singles[span[0]],        // shared, so that tiny inputs do not become large objects
            _ => ByteString.Copy(span),
        };
    }

    /// <summary>A text in UTF-8.</summary>
    public string Name()
    {
        var bytes = Bytes();
        try
        {
            return s_strict.GetString(bytes.Span);
        }
        catch (DecoderFallbackException)
        {
            throw Fail("a name is not UTF-8");
        }
    }

    public ulong Fixed64()
    {
        if (Remaining < 8)
            throw Fail("the input ends inside a record");
        var value = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[_position..]);
        _position += 8;
        return value;
    }

    /// <summary>Reads a length and returns the position where what it measures must end.</summary>
    public int OpenLength()
    {
        if (Remaining < 4)
            throw Fail("the input ends inside a length");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[_position..]);
        _position += 4;
        if (length > (uint)Remaining)
            throw Fail($"{length} bytes are announced, and {Remaining} remain");
        return _position + (int)length;
    }

    public readonly void CloseLength(int end)
    {
        if (_position != end)
            throw Fail($"a part ends here, and its length says {end - _position} bytes later");
    }

    public readonly void End()
    {
        if (Remaining > 0)
            throw Fail($"{Remaining} bytes follow where the record should end");
    }

    private RecordReader Back(int count)
    {
        _position -= count;
        return this;
    }
}
