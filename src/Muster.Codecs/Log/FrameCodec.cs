using System.Buffers.Binary;

namespace Muster.Codecs.Log;

/// <summary>Frames of the write-ahead log: records to bytes and back. The format is docs/formats/log.md.</summary>
public static class FrameCodec
{
    /// <summary>Bytes before each record in a body: its length.</summary>
    public const int RecordHeaderBytes = 4;

    /// <summary>What a disk writes whole or not at all, bytes.</summary>
    public const int SectorBytes = 512;

    /// <summary>Rounds up to the alignment of frames.</summary>
    public static long Align(long bytes) => (bytes + FrameHeader.Bytes - 1) & ~(FrameHeader.Bytes - 1L);

    /// <summary>Bytes of the frame that holds these records.</summary>
    public static long Measure(IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        var body = 0L;
        foreach (var record in records)
            body += RecordHeaderBytes + record.Length;
        return Align(FrameHeader.Bytes + body);
    }

    /// <summary>Writes a frame.</summary>
    /// <param name="place">Where it will stand.</param>
    /// <param name="first">Number of the first record.</param>
    /// <param name="records">At least one.</param>
    /// <param name="frame">Exactly as many bytes as <see cref="Measure"/> says.</param>
    /// <returns>The header's checksum, which the next frame names.</returns>
    public static uint Write(FramePlace place, RecordNumber first, IReadOnlyList<ReadOnlyMemory<byte>> records, Span<byte> frame)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(records);
        ArgumentOutOfRangeException.ThrowIfZero(records.Count);
        var at = FrameHeader.Bytes;
        foreach (var record in records)
        {
            BinaryPrimitives.WriteInt32LittleEndian(frame[at..], record.Length);
            record.Span.CopyTo(frame[(at + RecordHeaderBytes)..]);
            at += RecordHeaderBytes + record.Length;
        }

        frame[at..].Clear();
        var header = new FrameHeader(
            at - FrameHeader.Bytes, first, records.Count, BodyChecksum(place, frame), place.Previous,
            CountBlankSectors(place.Offset, frame));
        return header.Write(place.Salt, place.Offset, frame);
    }

    /// <summary>Reads the records of a frame whose header was read before.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="header">Its header.</param>
    /// <param name="frame">All its bytes, header included.</param>
    /// <returns>The records, as parts of <paramref name="frame"/>.</returns>
    /// <exception cref="CodecException">It is damaged, or does not follow what stands before it.</exception>
    public static ReadOnlyMemory<byte>[] ReadRecords(FramePlace place, FrameHeader header, ReadOnlyMemory<byte> frame)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(header);
        if (frame.Length != header.FrameBytes)
            throw Bad(place, 0, $"it has {frame.Length} bytes and its header says {header.FrameBytes}");
        if (!IsBodyIntact(place, header, frame.Span))
            throw Bad(place, FrameHeader.Bytes, "the checksum of its records does not match");
        if (header.Previous != place.Previous)
            throw Bad(place, 0, "it does not follow the frame before it: it is stale or was written to the wrong place");
        if (frame.Span[(FrameHeader.Bytes + header.BodyBytes)..].ContainsAnyExcept((byte)0))
            throw Bad(place, FrameHeader.Bytes + header.BodyBytes, "its padding is not zero");
        if (header.BlankSectors != CountBlankSectors(place.Offset, frame.Span))
            throw Bad(place, 0, "its count of blank sectors is wrong");
        return Split(place, header, frame.Slice(FrameHeader.Bytes, header.BodyBytes));
    }

    /// <summary>Whether the checksum of body and padding matches.</summary>
    public static bool IsBodyIntact(FramePlace place, FrameHeader header, ReadOnlySpan<byte> frame)
    {
        ArgumentNullException.ThrowIfNull(header);
        return BodyChecksum(place, frame) == header.BodyChecksum;
    }

    /// <summary>How many of a frame's parts of sectors are all zero; the header's part is never counted.</summary>
    public static int CountBlankSectors(long offset, ReadOnlySpan<byte> frame)
    {
        var blank = 0;
        for (var at = SectorBytes - (offset % SectorBytes); at < frame.Length; at += SectorBytes)
        {
            var part = frame[(int)at..(int)Math.Min(at + SectorBytes, frame.Length)];
            if (!part.ContainsAnyExcept((byte)0))
                blank++;
        }

        return blank;
    }

    private static ReadOnlyMemory<byte>[] Split(FramePlace place, FrameHeader header, ReadOnlyMemory<byte> body)
    {
        var records = new ReadOnlyMemory<byte>[header.Count];
        var at = 0;
        for (var i = 0; i < records.Length; i++)
        {
            var left = body.Length - at - RecordHeaderBytes;
            var length = left < 0 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(body.Span[at..]);
            if (length < 0 || length > left)
                throw Bad(place, FrameHeader.Bytes + at, $"record {header.First + i} does not fit into the frame");
            records[i] = body.Slice(at + RecordHeaderBytes, length);
            at += RecordHeaderBytes + length;
        }

        return at == body.Length
            ? records
            : throw Bad(place, FrameHeader.Bytes + at, $"{body.Length - at} bytes follow its last record");
    }

    private static uint BodyChecksum(FramePlace place, ReadOnlySpan<byte> frame) =>
        Crc32C.Of(place.Salt, place.Offset, frame[FrameHeader.Bytes..]);

    private static CodecException Bad(FramePlace place, long at, string detail) => new("log frame", place.Offset + at, detail);
}

/// <summary>Where a frame stands.</summary>
/// <param name="Salt">Of its segment.</param>
/// <param name="Offset">In its segment, a multiple of 32.</param>
/// <param name="Previous">Checksum of the header before it.</param>
public sealed record FramePlace(ulong Salt, long Offset, uint Previous);
