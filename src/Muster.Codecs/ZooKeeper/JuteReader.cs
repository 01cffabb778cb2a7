using System.Buffers.Binary;
using System.Text;

namespace Muster.Codecs.ZooKeeper;

/// <summary>Reads ZooKeeper's record format; what cannot be right is refused with its offset.</summary>
internal ref struct JuteReader(ReadOnlySpan<byte> bytes, string what)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly string _what = what;
    private int _position;

    public readonly int Remaining => _bytes.Length - _position;

    public readonly CodecException Fail(string problem) => new(_what, _position, problem);

    public int Int() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public long Long() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public bool Flag() => Take(1)[0] switch
    {
        0 => false,
        1 => true,
        var other => throw Fail($"a flag is {other}, not 0 or 1: this is not ZooKeeper's protocol"),
    };

    /// <summary>Bytes; null is not the same as none.</summary>
    public byte[]? Buffer()
    {
        var length = Int();
        return length == -1 ? null : Take(Checked(length)).ToArray();
    }

    public string Text()
    {
        var length = Int();
        if (length == -1)
            return "";
        var start = _position;
        try
        {
            return s_strict.GetString(Take(Checked(length)));
        }
        catch (DecoderFallbackException)
        {
            _position = start;
            throw Fail("a text is not UTF-8");
        }
    }

    /// <summary>How many elements follow, each of at least so many bytes.</summary>
    public int Count(int bytesEach)
    {
        var count = Int();
        if (count == -1)
            return 0;
        if (count < 0 || count > Remaining / bytesEach)
            throw Fail($"{count} elements are announced, and {Remaining} bytes remain");
        return count;
    }

    public readonly void End()
    {
        if (Remaining > 0)
            throw Fail($"{Remaining} bytes follow where the record should end");
    }

    private readonly int Checked(int length) =>
        length >= 0 && length <= Remaining ? length : throw Fail($"{length} bytes are announced, and {Remaining} remain");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Remaining)
            throw Fail("the input ends inside a record");
        _position += count;
        return _bytes.Slice(_position - count, count);
    }
}
