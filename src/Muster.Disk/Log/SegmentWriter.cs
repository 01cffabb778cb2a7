using Muster.Runtime;

namespace Muster.Disk.Log;

/// <summary>The open end of a log: where the next frame goes.</summary>
internal sealed class SegmentWriter(SegmentFile segment, IVolumeFile file, ulong salt, long offset, uint previous) : IDisposable
{
    private uint _previous = previous;

    public SegmentFile Segment => segment;

    public long Offset { get; private set; } = offset;

    /// <summary>Makes a new segment: durable, name included, before anything is written behind its header.</summary>
    public static async ValueTask<SegmentWriter> CreateAsync(
        IVolume volume, string directory, RecordNumber first, ulong salt, uint previous)
    {
        var segment = new SegmentFile(directory, first);
        var header = new SegmentHeader(salt, first, previous);
        var bytes = new byte[SegmentHeader.Bytes];
        header.Write(bytes);
        var file = await volume.OpenAsync(segment.Path, VolumeOpen.CreateNew);
        await file.WriteAsync(0, bytes);
        await file.SyncAsync();
        await volume.SyncDirectoryAsync(directory);
        return new SegmentWriter(segment, file, salt, SegmentHeader.Bytes, header.Checksum);
    }

    /// <summary>Opens a segment at the end of what is intact, and makes all of that durable.</summary>
    /// <remarks>
    /// The process before us may have died, or stopped at a failed sync, after writing the last frame: it is readable but
    /// perhaps only in memory, and after a failed sync the kernel calls it clean. So it is written again before the sync.
    /// </remarks>
    public static async ValueTask<SegmentWriter> ResumeAsync(IVolume volume, SegmentFile segment, SegmentEnd end)
    {
        var file = await volume.OpenAsync(segment.Path, VolumeOpen.Existing);
        if (file.Length > end.End)
            await file.SetLengthAsync(end.End);
        var from = end.LastFrameAt ?? 0;
        var bytes = new byte[end.End - from];
        for (var done = 0; done < bytes.Length;)
        {
            var read = await file.ReadAsync(from + done, bytes.AsMemory(done));
            if (read == 0)
                throw new LogDamagedException(segment.Path, from + done, "the file became shorter while it was read");
            done += read;
        }

        await file.WriteAsync(from, bytes);
        await file.SyncAsync();
        await volume.SyncDirectoryAsync(segment.Directory);
        return new SegmentWriter(segment, file, end.Header.Salt, end.End, end.Previous);
    }

    public ValueTask<SegmentWriter> RollAsync(IVolume volume, RecordNumber first, ulong salt) =>
        CreateAsync(volume, segment.Directory, first, salt, _previous);

    /// <summary>Writes a frame and makes it durable.</summary>
    public async ValueTask AppendAsync(RecordNumber first, IReadOnlyList<ReadOnlyMemory<byte>> records, Memory<byte> frame)
    {
        var checksum = FrameCodec.Write(new FramePlace(salt, Offset, _previous), first, records, frame.Span);
        await file.WriteAsync(Offset, frame);
        await file.SyncAsync();
        Offset += frame.Length;
        _previous = checksum;
    }

    public void Dispose() => file.Dispose();
}
