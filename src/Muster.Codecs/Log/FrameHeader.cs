using System.Buffers.Binary;

namespace Muster.Codecs.Log;

/// <summary>The first 32 bytes of a frame: a frame is what one sync makes durable, one or more records.</summary>
/// <param name="BodyBytes">Bytes of its records, without padding.</param>
/// <param name="First">Number of its first record.</param>
/// <param name="Count">Records in it, at least 1.</param>
/// <param name="BodyChecksum">Salted CRC-32C of body and padding.</param>
/// <param name="Previous">Header checksum of the frame before it, or the segment header's for the first.</param>
/// <param name="BlankSectors">Its parts of 512-byte sectors that are all zero by their nature and not by a torn write.</param>
public sealed record FrameHeader(
    int BodyBytes, RecordNumber First, int Count, uint BodyChecksum, uint Previous, int BlankSectors)
{
    /// <summary>Bytes of a frame header, and the alignment of frames: so that a header never lies across two sectors.</summary>
    public const int Bytes = 32;

    private const int ChecksumAt = 0, BodyBytesAt = 4, FirstAt = 8, CountAt = 16, BodyChecksumAt = 20, PreviousAt = 24, BlankAt = 28;

    /// <summary>Bytes from this frame to the next: header, body and padding.</summary>
    public long FrameBytes => FrameCodec.Align(Bytes + (long)BodyBytes);

    /// <summary>Number of its last record.</summary>
    public RecordNumber Last => First + (Count - 1L);

    /// <summary>Writes the header and returns its checksum, which the next frame names.</summary>
    /// <param name="salt">The segment's.</param>
    /// <param name="offset">Of the frame in its file.</param>
    /// <param name="destination">At least <see cref="Bytes"/> bytes.</param>
    public uint Write(ulong salt, long offset, Span<byte> destination)
    {
        destination = destination[..Bytes];
        BinaryPrimitives.WriteInt32LittleEndian(destination[BodyBytesAt..], BodyBytes);
        BinaryPrimitives.WriteInt64LittleEndian(destination[FirstAt..], First.Value);
        BinaryPrimitives.WriteInt32LittleEndian(destination[CountAt..], Count);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[BodyChecksumAt..], BodyChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[PreviousAt..], Previous);
        BinaryPrimitives.WriteInt32LittleEndian(destination[BlankAt..], BlankSectors);
        var checksum = Crc32C.Of(salt, offset, destination[BodyBytesAt..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[ChecksumAt..], checksum);
        return checksum;
    }

    /// <summary>Reads a header if its checksum matches for this place of this file and its fields make sense.</summary>
    /// <returns>False for anything else; then nothing about the bytes is known.</returns>
    public static bool TryRead(ulong salt, long offset, ReadOnlySpan<byte> source, out FrameHeader header, out uint checksum)
    {
        header = null!;
        checksum = 0;
        if (source.Length < Bytes)
            return false;
        source = source[..Bytes];
        checksum = BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumAt..]);
        if (checksum != Crc32C.Of(salt, offset, source[BodyBytesAt..]))
            return false;
        header = new FrameHeader(
            BinaryPrimitives.ReadInt32LittleEndian(source[BodyBytesAt..]),
            new RecordNumber(BinaryPrimitives.ReadInt64LittleEndian(source[FirstAt..])),
            BinaryPrimitives.ReadInt32LittleEndian(source[CountAt..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[BodyChecksumAt..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[PreviousAt..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[BlankAt..]));
        return header is { Count: >= 1, First.Value: >= 1, BlankSectors: >= 0 }
            && header.BodyBytes >= (long)header.Count * FrameCodec.RecordHeaderBytes
            && header.First.Value <= long.MaxValue - header.Count;
    }
}
