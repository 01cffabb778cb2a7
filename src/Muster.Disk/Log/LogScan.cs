using Muster.Runtime;

namespace Muster.Disk.Log;

/// <summary>What a directory of segments holds.</summary>
/// <param name="Segments">Those that were read, oldest first, without one whose header was never written.</param>
/// <param name="Earlier">Those wholly before what was asked for: an older snapshot may still need them, or their deletion was
/// not durable.</param>
/// <param name="Unwritten">A last segment whose header was never written.</param>
/// <param name="Tail">The end of the last of <paramref name="Segments"/>; null when there is none.</param>
/// <param name="Records">Records replayed.</param>
/// <param name="Cut">What is to be cut off the last segment.</param>
internal sealed record LogContents(
    List<SegmentFile> Segments, List<SegmentFile> Earlier, SegmentFile? Unwritten, SegmentEnd? Tail, long Records, LogTailCut? Cut)
{
    public RecordNumber Last => Tail?.Last ?? RecordNumber.None;
}

/// <summary>Reads a log without changing it.</summary>
internal sealed class LogScan(IVolume volume, string directory, LogLimits limits, bool isWriterAlive)
{
    private long _records;

    // What the largest record needs, and what the largest batch needs.
    private int FrameBytesMax => checked((int)FrameCodec.Align(
        FrameHeader.Bytes + FrameCodec.RecordHeaderBytes + (long)Math.Max(limits.RecordBytesMax, limits.FrameBytes)));

    public async ValueTask<LogContents> RunAsync(RecordNumber after, Action<RecordNumber, ReadOnlyMemory<byte>> replay)
    {
        var files = await SegmentFile.ListAsync(volume, directory);
        var unwritten = await FindUnwrittenAsync(files);
        if (unwritten is not null)
            files.Remove(unwritten);
        // Earlier ones are those whose successor begins at or before the first record that is needed. There may be gaps among
        // them: deletions of which a crash took some back.
        var start = Math.Max(0, files.FindLastIndex(file => file.First <= after.Next));
        var used = files[start..];
        RequireStart(used, after);
        SegmentEnd? tail = null;
        foreach (var segment in used)
        {
            // A later name, even of a file never written, shows that this one had been synced to its end.
            var isLast = segment == used[^1] && unwritten is null;
            tail = await ScanAsync(segment, tail, isLast, after, replay);
        }

        if (tail is not null && tail.Last < after)
            throw new LogDamagedException(
                used[^1].Path, tail.End, $"it ends with record {tail.Last}, and a snapshot holds records up to {after}");
        var cut = tail is null ? null : await DescribeCutAsync(used[^1], tail);
        return new LogContents(used, files[..start], unwritten, tail, _records, cut);
    }

    private async ValueTask<SegmentFile?> FindUnwrittenAsync(List<SegmentFile> files)
    {
        if (files.Count == 0)
            return null;
        using var file = await volume.OpenAsync(files[^1].Path, VolumeOpen.Read);
        return await Scanner(files[^1], file).IsUnwrittenAsync() ? files[^1] : null;
    }

    private void RequireStart(List<SegmentFile> used, RecordNumber after)
    {
        if (used.Count > 0 && used[0].First > after.Next)
            throw new LogDamagedException(
                used[0].Path, 0, $"records {after.Next} to {used[0].First - 1} are missing before it");
        if (used.Count == 0 && after > RecordNumber.None)
            throw new LogDamagedException(
                directory, 0, $"it has no segment, and records after {after} belong there");
    }

    private async ValueTask<SegmentEnd> ScanAsync(
        SegmentFile segment, SegmentEnd? before, bool isLast, RecordNumber after, Action<RecordNumber, ReadOnlyMemory<byte>> replay)
    {
        if (before is not null && before.Last.Next != segment.First)
            throw new LogDamagedException(
                segment.Path, 0, $"records {before.Last.Next} to {segment.First - 1} are missing before it");
        using var file = await volume.OpenAsync(segment.Path, VolumeOpen.Read);
        var end = await Scanner(segment, file).RunAsync(
            segment.First, isLast, (number, record) => Deliver(number, record, after, replay));
        if (before is not null && end.Header.Previous != before.Previous)
            throw new LogDamagedException(segment.Path, 0, "it does not follow the segment before it: one of them is stale");
        return end;
    }

    private SegmentScan Scanner(SegmentFile segment, IVolumeFile file) => new(segment.Path, file, FrameBytesMax, isWriterAlive);

    private void Deliver(
        RecordNumber number, ReadOnlyMemory<byte> record, RecordNumber after, Action<RecordNumber, ReadOnlyMemory<byte>> replay)
    {
        if (number <= after)
            return;
        _records++;
        replay(number, record);
    }

    private async ValueTask<LogTailCut?> DescribeCutAsync(SegmentFile segment, SegmentEnd end)
    {
        if (end.Torn is null)
            return null;
        using var file = await volume.OpenAsync(segment.Path, VolumeOpen.Read);
        return new LogTailCut(segment.Path, end.End, file.Length - end.End, end.Torn);
    }
}
