using System.Buffers.Binary;

namespace Muster.Codecs.Log;

/// <summary>The first 64 bytes of a snapshot.</summary>
/// <param name="Salt">Drawn for this snapshot; seeds every checksum in it.</param>
/// <param name="Covered">The last log record whose effect it holds.</param>
public sealed record SnapshotHeader(ulong Salt, RecordNumber Covered)
{
    /// <summary>Bytes before the first block.</summary>
    public const int Bytes = FileHeader.Bytes;

    /// <summary>The version this program reads and writes.</summary>
    public const uint Version = 1;

    private const int SaltAt = FileHeader.FieldsAt, CoveredAt = SaltAt + 8, FieldsEnd = CoveredAt + 8;

    private static readonly FileHeader s_layout = new("snapshot header", "snapshot", "MUSTRSNP", Version, FieldsEnd);

    /// <summary>Writes the header into exactly <see cref="Bytes"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        destination = destination[..Bytes];
        s_layout.Begin(destination);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[SaltAt..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(destination[CoveredAt..], Covered.Value);
        s_layout.Seal(destination);
    }

    /// <summary>Reads a header.</summary>
    /// <exception cref="CodecException">It is not one, is damaged, or is of a version this program does not know.</exception>
    public static SnapshotHeader Read(ReadOnlySpan<byte> source)
    {
        source = s_layout.Require(source);
        var covered = BinaryPrimitives.ReadInt64LittleEndian(source[CoveredAt..]);
        return covered >= 0
            ? new SnapshotHeader(BinaryPrimitives.ReadUInt64LittleEndian(source[SaltAt..]), new RecordNumber(covered))
            : throw s_layout.Bad(CoveredAt, $"covered record number {covered} is negative");
    }
}

/// <summary>The 8 bytes before each block of a snapshot.</summary>
/// <param name="Length">Bytes of content that follow; 0: the trailer follows.</param>
/// <param name="Checksum">Salted CRC-32C of the content, or of the trailer.</param>
public readonly record struct SnapshotBlock(int Length, uint Checksum)
{
    /// <summary>Bytes of a block's header.</summary>
    public const int HeaderBytes = 8;

    /// <summary>Content bytes of every block but the last: 256 KiB.</summary>
    public const int ContentBytes = 256 * 1024;

    /// <summary>Bytes of the trailer: whole length of the content, and the number of blocks.</summary>
    public const int TrailerBytes = 16;

    /// <summary>Writes the header of a block that stands at an offset.</summary>
    public static void Write(ulong salt, long offset, ReadOnlySpan<byte> content, bool isTrailer, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, isTrailer ? 0 : content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Crc32C.Of(salt, offset, content));
    }

    /// <summary>Reads a block's header.</summary>
    /// <param name="offset">Of the block in its file.</param>
    /// <param name="source">At least <see cref="HeaderBytes"/> bytes, or what is left of the file.</param>
    /// <exception cref="CodecException">The file ends, or the length is impossible.</exception>
    public static SnapshotBlock Read(long offset, ReadOnlySpan<byte> source)
    {
        if (source.Length < HeaderBytes)
            throw Bad(offset, "the file ends where a block or the trailer belongs");
        var length = BinaryPrimitives.ReadInt32LittleEndian(source);
        return length is >= 0 and <= ContentBytes
            ? new SnapshotBlock(length, BinaryPrimitives.ReadUInt32LittleEndian(source[4..]))
            : throw Bad(offset, $"block length {length} is not between 0 and {ContentBytes}");
    }

    /// <summary>Checks what follows this header.</summary>
    /// <exception cref="CodecException">It is cut short, or its checksum does not match for this place.</exception>
    public void Require(ulong salt, long offset, ReadOnlySpan<byte> content)
    {
        if (content.Length < (Length == 0 ? TrailerBytes : Length))
            throw Bad(offset, "the file ends inside a block");
        if (Checksum != Crc32C.Of(salt, offset, content))
            throw Bad(offset, "the checksum of a block does not match");
    }

    /// <summary>Writes the trailer's content.</summary>
    public static void WriteTrailer(SnapshotTrailer trailer, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, trailer.ContentBytes);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], trailer.Blocks);
    }

    /// <summary>Reads the trailer's content.</summary>
    public static SnapshotTrailer ReadTrailer(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadInt64LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[8..]));

    private static CodecException Bad(long offset, string detail) => new("snapshot block", offset, detail);
}

/// <summary>The end of a snapshot.</summary>
/// <param name="ContentBytes">Bytes of content in all blocks.</param>
/// <param name="Blocks">Blocks before the trailer.</param>
public readonly record struct SnapshotTrailer(long ContentBytes, long Blocks);
