using Muster.Codecs;
using Muster.Runtime;

namespace Muster.Disk.Log;

/// <summary>Where a segment's intact frames end, and what comes after them.</summary>
/// <param name="Header">Its header.</param>
/// <param name="End">Offset after the last intact frame.</param>
/// <param name="Last">Last record; the one before the segment's first when it holds none.</param>
/// <param name="Previous">Checksum that the next frame must name.</param>
/// <param name="LastFrameAt">Offset of the last intact frame; null when there is none.</param>
/// <param name="Torn">Why what follows <paramref name="End"/> is an unfinished write; null when nothing follows.</param>
internal sealed record SegmentEnd(
    SegmentHeader Header, long End, RecordNumber Last, uint Previous, long? LastFrameAt, string? Torn);

/// <summary>Reads one segment and tells a torn tail from damage.</summary>
/// <remarks>
/// A frame is written only after the one before it was synced, and a write that a crash interrupted leaves each sector either
/// written or as it was before, zero. So a bad frame is an unfinished write only if nothing valid follows it, no later segment
/// exists, and some sector of it is missing. Anything else was durable once, and is damage.
/// </remarks>
/// <param name="path">Of the segment, for messages.</param>
/// <param name="file">The segment.</param>
/// <param name="frameBytesMax">Larger frames are damage.</param>
/// <param name="isWriterAlive">Whether someone may be writing: then a bad end is not judged, only what was left behind.</param>
internal sealed class SegmentScan(string path, IVolumeFile file, int frameBytesMax, bool isWriterAlive)
{
    private readonly FileWindow _window = new(file);

    /// <summary>Whether the segment's header never reached the disk: then nothing was ever written behind it.</summary>
    /// <exception cref="LogDamagedException">The header is missing, yet there are bytes behind it.</exception>
    public async ValueTask<bool> IsUnwrittenAsync()
    {
        var start = await _window.ReadAsync(0, SegmentHeader.Bytes);
        if (start.Length < SegmentHeader.Bytes)
            return true;   // a write that stopped short
        if (start.Span.ContainsAnyExcept((byte)0))
            return false;
        for (var at = 0L; at < file.Length; at += SegmentHeader.Bytes)
        {
            var bytes = await _window.ReadAsync(at, SegmentHeader.Bytes);
            if (bytes.Span.ContainsAnyExcept((byte)0))
                throw Damage(0, $"its header is missing, yet it holds data at offset {at}");
        }

        return true;
    }

    /// <summary>Reads to the end of the segment.</summary>
    /// <param name="expected">Number of the first record, by the file's name.</param>
    /// <param name="isLast">Whether no later segment exists: only then may it be torn.</param>
    /// <param name="replay">Called for each record.</param>
    /// <exception cref="LogDamagedException">What was durable is not intact.</exception>
    public async ValueTask<SegmentEnd> RunAsync(
        RecordNumber expected, bool isLast, Action<RecordNumber, ReadOnlyMemory<byte>> replay)
    {
        var header = await ReadHeaderAsync(expected);
        var place = new FramePlace(header.Salt, SegmentHeader.Bytes, header.Checksum);
        var next = expected;
        long? lastFrameAt = null;
        while (true)
        {
            var found = await ReadFrameAsync(place, next, replay);
            if (found is null && isWriterAlive && await FindLaterFrameAsync(place, next) is not null)
            {
                _window.Forget();   // it was being written when it was read, and is whole by now
                found = await ReadFrameAsync(place, next, replay);
            }

            if (found is not var (frame, checksum))
                break;
            lastFrameAt = place.Offset;
            place = new FramePlace(place.Salt, place.Offset + frame.FrameBytes, checksum);
            next = frame.Last.Next;
        }

        var torn = place.Offset < file.Length ? await JudgeAsync(place, next, isLast) : null;
        return new SegmentEnd(header, place.Offset, next - 1, place.Previous, lastFrameAt, torn);
    }

    private async ValueTask<SegmentHeader> ReadHeaderAsync(RecordNumber expected)
    {
        try
        {
            var header = SegmentHeader.Read((await _window.ReadAsync(0, SegmentHeader.Bytes)).Span);
            return header.First == expected
                ? header
                : throw Damage(0, $"it begins with record {header.First} and its name says {expected}");
        }
        catch (CodecException error)
        {
            throw Damage(error.Offset, error.Message);
        }
    }

    /// <summary>Replays the frame at a place; null when it is not intact.</summary>
    /// <exception cref="LogDamagedException">It is intact but does not belong here.</exception>
    private async ValueTask<(FrameHeader Header, uint Checksum)?> ReadFrameAsync(
        FramePlace place, RecordNumber next, Action<RecordNumber, ReadOnlyMemory<byte>> replay)
    {
        var start = await _window.ReadAsync(place.Offset, FrameHeader.Bytes);
        if (!FrameHeader.TryRead(place.Salt, place.Offset, start.Span, out var header, out var checksum))
            return null;
        if (header.First != next)
            throw Damage(place.Offset, $"record {header.First} stands where record {next} belongs");
        if (header.FrameBytes > frameBytesMax)
            throw Damage(place.Offset, $"a frame of {header.FrameBytes} bytes is larger than any this program writes");
        var frame = await _window.ReadAsync(place.Offset, (int)header.FrameBytes);
        if (frame.Length < header.FrameBytes || !FrameCodec.IsBodyIntact(place, header, frame.Span))
            return null;
        try
        {
            var number = header.First;
            foreach (var record in FrameCodec.ReadRecords(place, header, frame))
            {
                replay(number, record);
                number = number.Next;
            }
        }
        catch (CodecException error)
        {
            throw Damage(error.Offset, error.Message);
        }

        return (header, checksum);
    }

    private async ValueTask<string> JudgeAsync(FramePlace bad, RecordNumber next, bool isLast)
    {
        var what = $"record {next} is not intact";
        if (!isLast)
            throw Damage(bad.Offset, $"{what}, and a later segment shows that it once was");
        if (await FindLaterFrameAsync(bad, next) is { } later)
            throw Damage(bad.Offset, $"{what}, and the frame at offset {later} shows that it once was");
        if (isWriterAlive)
            return "a frame is unfinished, or being written";
        var start = (await _window.ReadAsync(bad.Offset, FrameHeader.Bytes)).ToArray();
        if (start.Length < FrameHeader.Bytes)
            return "the file ends inside a frame's header";
        if (!start.AsSpan().ContainsAnyExcept((byte)0))
            return "the sector of a frame's header was not written";
        if (!FrameHeader.TryRead(bad.Salt, bad.Offset, start, out var header, out _))
            throw Damage(bad.Offset, $"{what}: its header was written, and changed later");
        var frame = await _window.ReadAsync(bad.Offset, (int)header.FrameBytes);
        if (frame.Length < header.FrameBytes)
            return "the file ends inside a frame";
        if (FrameCodec.CountBlankSectors(bad.Offset, frame.Span) > header.BlankSectors)
            return "a sector of a frame was not written";
        throw Damage(bad.Offset, $"{what}: all its sectors were written, and changed later");
    }

    /// <summary>A frame header further on is enough: it was written when everything before it had been synced.</summary>
    private async ValueTask<long?> FindLaterFrameAsync(FramePlace bad, RecordNumber next)
    {
        for (var at = bad.Offset + FrameHeader.Bytes; at + FrameHeader.Bytes <= file.Length; at += FrameHeader.Bytes)
        {
            var bytes = await _window.ReadAsync(at, FrameHeader.Bytes);
            if (FrameHeader.TryRead(bad.Salt, at, bytes.Span, out var header, out _) && header.First > next)
                return at;
        }

        return null;
    }

    private LogDamagedException Damage(long offset, string detail) => new(path, offset, detail);
}
