using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Muster.Primitives;

namespace Muster.Codecs.Protobuf;

/// <summary>Reads the fields of one message, in the order in which they come.</summary>
/// <remarks>
/// <c>while (reader.Next()) switch (reader.Field) { case 1: key = reader.ByteString(); break; … default: reader.Skip(); break; }</c>
/// Nothing is allocated but what is returned. Bounds: the input's own length, and <see cref="DepthMax"/>.
/// </remarks>
/// <param name="bytes">The message, without a length before it.</param>
public ref struct ProtoReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>Messages inside each other; one more is refused. etcd's own limit of operations ends earlier.</summary>
    public const int DepthMax = 600;

    private const int Varint = 0, Fixed64 = 1, Length = 2, GroupStart = 3, GroupEnd = 4, Fixed32 = 5;

    // Shared, so that tiny inputs do not become large objects.
    private static readonly ByteString[] s_singles = [.. Enumerable.Range(0, 256).Select(b => new ByteString([(byte)b]))];

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _origin;
    private int _depth;
    private int _position;
    private int _wire;

    /// <summary>Number of the field that <see cref="Next"/> found.</summary>
    public int Field { get; private set; }

    /// <summary>How many messages are around this one.</summary>
    public readonly int Depth => _depth;

    /// <summary>Goes to the next field; the one before must have been read or skipped.</summary>
    /// <returns>False at the end of the message.</returns>
    /// <exception cref="CodecException">No field can begin like this.</exception>
    public bool Next()
    {
        if (_position == _bytes.Length)
            return false;
        var tag = Number();
        (Field, _wire) = ((int)(tag >> 3), (int)(tag & 7));
        return tag is >= 8 and <= uint.MaxValue && _wire is <= Fixed32 and not GroupEnd ? true : throw Fail($"a field begins with the tag {tag}, which no field has");
    }

    /// <summary>The field as a number.</summary>
    public ulong UInt64() => Expect(Varint, "a number") ? Number() : 0;

    /// <summary>The field as a number that may be negative.</summary>
    public long Int64() => (long)UInt64();

    /// <summary>The field as a value of an enumeration, known or not.</summary>
    public int Enum() => (int)UInt64();

    /// <summary>The field as a flag.</summary>
    public bool Bool() => UInt64() != 0;

    /// <summary>The field's bytes, inside the input.</summary>
    public ReadOnlySpan<byte> Bytes() => Expect(Length, "bytes") ? Slice() : default;

    /// <summary>A copy of the field's bytes.</summary>
    public ByteString ByteString()
    {
        var span = Bytes();
        return span.Length switch
        {
            0 => Primitives.ByteString.Empty,
            1 => s_singles[span[0]],
            _ => Primitives.ByteString.Copy(span),
        };
    }

    /// <summary>The field as text.</summary>
    /// <exception cref="CodecException">It is no UTF-8.</exception>
    public string String()
    {
        var span = Bytes();
        return Utf8.IsValid(span) ? Encoding.UTF8.GetString(span) : throw Fail($"the text of field {Field} is not UTF-8");
    }

    /// <summary>The field as a message, read by a reader of its own.</summary>
    /// <exception cref="CodecException">More than <see cref="DepthMax"/> are inside each other.</exception>
    public ProtoReader Message()
    {
        var body = Bytes();
        if (_depth == DepthMax)
            throw Fail($"more than {DepthMax} messages inside each other");
        return new(body) { _origin = _origin + _position - body.Length, _depth = _depth + 1 };
    }

    /// <summary>The field as a message.</summary>
    public T Message<T>()
        where T : IProtoMessage<T>
    {
        var inner = Message();
        return T.Read(ref inner);
    }

    /// <summary>Whether a repeated number comes packed: read it by <see cref="Message()"/> and <see cref="TryPacked"/>.</summary>
    public readonly bool IsPacked => _wire == Length;

    /// <summary>The next number of a packed run.</summary>
    public bool TryPacked(out ulong number)
    {
        if (_position == _bytes.Length)
        {
            number = 0;
            return false;
        }

        number = Number();
        return true;
    }

    /// <summary>Passes over the field, whatever it is.</summary>
    public void Skip() => Skip(_wire, Field, 0);

    /// <summary>An error at this place.</summary>
    public readonly CodecException Fail(string problem) => new("protobuf message", _origin + _position, problem);

    private void Skip(int wire, int field, int groups)
    {
        switch (wire)
        {
            case Varint:
                Number();
                break;
            case Fixed64:
                Advance(8);
                break;
            case Length:
                Slice();
                break;
            case Fixed32:
                Advance(4);
                break;
            case GroupStart:
                SkipGroup(field, groups);
                break;
            default:
                throw Fail($"wire type {wire} does not exist or stands alone");
        }
    }

    /// <summary>Groups are of version 2 and long out of use, yet a message may hold one.</summary>
    private void SkipGroup(int field, int groups)
    {
        if (_depth + groups >= DepthMax)
            throw Fail($"more than {DepthMax} groups inside each other");
        while (true)
        {
            var tag = Number();
            if (tag is < 8 or > uint.MaxValue)
                throw Fail($"a field begins with the tag {tag}, which no field has");
            var (number, wire) = ((int)(tag >> 3), (int)(tag & 7));
            if (wire == GroupEnd && number == field)
                return;
            Skip(wire, number, groups + 1);
        }
    }

    private readonly bool Expect(int wire, string what) =>
        _wire == wire ? true : throw Fail($"field {Field} should be {what}, and has wire type {_wire}");

    private ulong Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position == _bytes.Length)
                throw Fail("the input ends inside a number");
            var next = _bytes[_position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return shift == 63 && next > 1 ? throw Fail("a number exceeds 64 bits") : value;
        }

        throw Fail("a number exceeds 64 bits");
    }

    private ReadOnlySpan<byte> Slice()
    {
        var length = Number();
        if (length > (ulong)(_bytes.Length - _position))
            throw Fail($"{length} bytes are announced, and {_bytes.Length - _position} remain");
        var slice = _bytes.Slice(_position, (int)length);
        _position += (int)length;
        return slice;
    }

    private void Advance(int count)
    {
        if (_bytes.Length - _position < count)
            throw Fail("the input ends inside a number of fixed length");
        _position += count;
    }
}
