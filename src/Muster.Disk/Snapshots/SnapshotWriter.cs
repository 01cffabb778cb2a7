using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Disk.Snapshots;

/// <summary>Receives a snapshot's content in pieces; it counts only after <see cref="CommitAsync"/>.</summary>
/// <remarks>One piece at a time. Disposed without a commit, it leaves a temporary file that the next opening removes.</remarks>
public sealed class SnapshotWriter : IDisposable
{
    private readonly SnapshotDirectory _directory;
    private readonly IVolumeFile _file;
    private readonly SnapshotHeader _header;
    private readonly byte[] _block = new byte[SnapshotBlock.HeaderBytes + SnapshotBlock.ContentBytes];
    private int _filled;
    private long _offset;
    private SnapshotTrailer _trailer;
    private bool _committed;

    private SnapshotWriter(SnapshotDirectory directory, IVolumeFile file, SnapshotHeader header) =>
        (_directory, _file, _header) = (directory, file, header);

    /// <summary>The last log record whose effect it holds.</summary>
    public RecordNumber Covered => _header.Covered;

    /// <summary>Adds content.</summary>
    /// <exception cref="VolumeException">The disk refuses; the snapshot will never count.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var part = Math.Min(bytes.Length, SnapshotBlock.ContentBytes - _filled);
            bytes[..part].CopyTo(_block.AsMemory(SnapshotBlock.HeaderBytes + _filled));
            _filled += part;
            bytes = bytes[part..];
            if (_filled == SnapshotBlock.ContentBytes)
                await WriteBlockAsync();
        }
    }

    /// <summary>Makes the snapshot durable and the newest. When it returns, recovery needs no record up to <see cref="Covered"/>.</summary>
    /// <exception cref="VolumeException">The disk refuses: the process must end.</exception>
    public async ValueTask CommitAsync()
    {
        Invariant.Require(!_committed);
        if (_filled > 0)
            await WriteBlockAsync();
        await WriteTrailerAsync();
        await _file.SyncAsync();
        await _directory.PublishAsync(Covered);
        _committed = true;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    internal static async ValueTask<SnapshotWriter> BeginAsync(SnapshotDirectory directory, IVolumeFile file, SnapshotHeader header)
    {
        var writer = new SnapshotWriter(directory, file, header) { _offset = SnapshotHeader.Bytes };
        var bytes = new byte[SnapshotHeader.Bytes];
        header.Write(bytes);
        await file.WriteAsync(0, bytes);
        return writer;
    }

    private async ValueTask WriteBlockAsync()
    {
        var bytes = SnapshotBlock.HeaderBytes + _filled;
        SnapshotBlock.Write(_header.Salt, _offset, _block.AsSpan(SnapshotBlock.HeaderBytes, _filled), isTrailer: false, _block);
        await _file.WriteAsync(_offset, _block.AsMemory(0, bytes));
        _trailer = new SnapshotTrailer(_trailer.ContentBytes + _filled, _trailer.Blocks + 1);
        _offset += bytes;
        _filled = 0;
    }

    private async ValueTask WriteTrailerAsync()
    {
        var bytes = new byte[SnapshotBlock.HeaderBytes + SnapshotBlock.TrailerBytes];
        SnapshotBlock.WriteTrailer(_trailer, bytes.AsSpan(SnapshotBlock.HeaderBytes));
        SnapshotBlock.Write(_header.Salt, _offset, bytes.AsSpan(SnapshotBlock.HeaderBytes), isTrailer: true, bytes);
        await _file.WriteAsync(_offset, bytes);
    }
}
