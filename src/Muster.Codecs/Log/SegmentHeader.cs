using System.Buffers.Binary;

namespace Muster.Codecs.Log;

/// <summary>The first 64 bytes of a log segment.</summary>
/// <param name="Salt">Drawn when the segment was made; seeds every checksum in it, so that no record of another file fits.</param>
/// <param name="First">Number of its first record.</param>
/// <param name="Previous">Header checksum of the last frame of the segment before it; 0 when there is none.</param>
public sealed record SegmentHeader(ulong Salt, RecordNumber First, uint Previous)
{
    /// <summary>Bytes before the first frame. Less than a sector, so that it is there whole or not at all.</summary>
    public const int Bytes = 64;

    /// <summary>The version this program reads and writes.</summary>
    public const uint Version = 1;

    private const int VersionAt = 8, SaltAt = 12, FirstAt = 20, PreviousAt = 28, ChecksumAt = 32, BlankAt = 36;

    private static ReadOnlySpan<byte> Magic => "MUSTRLOG"u8;

    /// <summary>What the first frame of the segment names as its predecessor.</summary>
    public uint Checksum
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Bytes];
            Write(bytes);
            return BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]);
        }
    }

    /// <summary>Writes the header into exactly <see cref="Bytes"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        destination = destination[..Bytes];
        destination.Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[VersionAt..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[SaltAt..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(destination[FirstAt..], First.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[PreviousAt..], Previous);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[ChecksumAt..], Crc32C.Of(destination[..ChecksumAt]));
    }

    /// <summary>Reads a header.</summary>
    /// <exception cref="CodecException">It is not one, is damaged, or is of a version this program does not know.</exception>
    public static SegmentHeader Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < Bytes)
            throw Bad(source.Length, $"it ends after {source.Length} of {Bytes} bytes");
        source = source[..Bytes];
        if (!source.StartsWith(Magic))
            throw Bad(0, "it does not begin with MUSTRLOG: the file is no log segment");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(source[VersionAt..]);
        if (version != Version)
            throw Bad(VersionAt, $"version {version} is not {Version}, the one this program knows: use the muster that wrote it");
        if (BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumAt..]) != Crc32C.Of(source[..ChecksumAt]))
            throw Bad(ChecksumAt, "its checksum does not match");
        if (source[BlankAt..].ContainsAnyExcept((byte)0))
            throw Bad(BlankAt, "the bytes after its checksum are not zero");
        var first = BinaryPrimitives.ReadInt64LittleEndian(source[FirstAt..]);
        if (first < 1)
            throw Bad(FirstAt, $"first record number {first} is not positive");
        return new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[SaltAt..]),
            new RecordNumber(first),
            BinaryPrimitives.ReadUInt32LittleEndian(source[PreviousAt..]));
    }

    private static CodecException Bad(long offset, string detail) => new("log segment header", offset, detail);
}
