using System.Buffers.Binary;

namespace Muster.Codecs.Log;

/// <summary>The first 64 bytes of a log segment.</summary>
/// <param name="Salt">Drawn when the segment was made; seeds every checksum in it, so that no record of another file fits.</param>
/// <param name="First">Number of its first record.</param>
/// <param name="Previous">Header checksum of the last frame of the segment before it; 0 when there is none.</param>
public sealed record SegmentHeader(ulong Salt, RecordNumber First, uint Previous)
{
    /// <summary>Bytes before the first frame.</summary>
    public const int Bytes = FileHeader.Bytes;

    /// <summary>The version this program reads and writes.</summary>
    public const uint Version = 1;

    private const int SaltAt = FileHeader.FieldsAt, FirstAt = SaltAt + 8, PreviousAt = FirstAt + 8, FieldsEnd = PreviousAt + 4;

    private static readonly FileHeader s_layout = new("log segment header", "log segment", "MUSTRLOG", Version, FieldsEnd);

    /// <summary>What the first frame of the segment names as its predecessor.</summary>
    public uint Checksum
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Bytes];
            Write(bytes);
            return s_layout.Checksum(bytes);
        }
    }

    /// <summary>Writes the header into exactly <see cref="Bytes"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        destination = destination[..Bytes];
        s_layout.Begin(destination);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[SaltAt..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(destination[FirstAt..], First.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[PreviousAt..], Previous);
        s_layout.Seal(destination);
    }

    /// <summary>Reads a header.</summary>
    /// <exception cref="CodecException">It is not one, is damaged, or is of a version this program does not know.</exception>
    public static SegmentHeader Read(ReadOnlySpan<byte> source)
    {
        source = s_layout.Require(source);
        var first = BinaryPrimitives.ReadInt64LittleEndian(source[FirstAt..]);
        return first >= 1
            ? new SegmentHeader(
                BinaryPrimitives.ReadUInt64LittleEndian(source[SaltAt..]),
                new RecordNumber(first),
                BinaryPrimitives.ReadUInt32LittleEndian(source[PreviousAt..]))
            : throw s_layout.Bad(FirstAt, $"first record number {first} is not positive");
    }
}
