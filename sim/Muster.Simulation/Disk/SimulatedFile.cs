using Muster.Runtime;

namespace Muster.Simulation.Disk;

/// <summary>An open file of a <see cref="SimulatedVolume"/>.</summary>
internal sealed class SimulatedFile(SimulatedVolume volume, SimulatedDisk disk, string path, FileNode file, bool isWritable)
    : IVolumeFile
{
    public long Length => file.Visible.Length;

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer)
    {
        await volume.CallAsync("read", path, offset, buffer.Length);
        var available = (int)Math.Clamp(file.Visible.Length - offset, 0, buffer.Length);
        if (available > 0)
            file.Visible.Bytes.Slice((int)offset, available).CopyTo(buffer.Span);
        return available;
    }

    public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes)
    {
        RequireWritable("write");
        var part = await volume.CallAsync("write", path, offset, bytes.Length);
        Write(offset, bytes.Span[..(part ?? bytes.Length)]);
        if (part is not null)
            throw new VolumeException("write", path, VolumeError.Full, $"only {part} of {bytes.Length} bytes (injected)");
    }

    public async ValueTask SetLengthAsync(long length)
    {
        RequireWritable("write");
        await volume.CallAsync("length", path, length);
        disk.Add(new PendingChange.Length(file, length, IsCut: length < file.Visible.Length));
        file.Visible.SetLength(length);
    }

    public async ValueTask SyncAsync()
    {
        await volume.CallAsync("sync", path, failed: () => disk.ForgetSectors(file));
        disk.SyncFile(file);
    }

    public void Dispose()
    {
        // Nothing to give back, and closing makes nothing durable.
    }

    private void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        var grows = offset + bytes.Length > file.Visible.Length;
        file.Visible.Write(offset, bytes);
        if (grows)
            disk.Add(new PendingChange.Length(file, file.Visible.Length, IsCut: false));
        var end = offset + bytes.Length;
        for (var start = offset - (offset % SimulatedDisk.SectorBytes); start < end; start += SimulatedDisk.SectorBytes)
        {
            var length = (int)Math.Min(SimulatedDisk.SectorBytes, file.Visible.Length - start);
            disk.Add(new PendingChange.Sector(file, start, file.Visible.Bytes.Slice((int)start, length).ToArray()));
        }
    }

    private void RequireWritable(string operation)
    {
        if (!isWritable)
            throw new VolumeException(operation, path, VolumeError.Denied, "it was opened for reading (simulated)");
    }
}
