using Muster.Codecs;
using Muster.Disk.Log;
using Muster.Runtime;

namespace Muster.Disk.Snapshots;

/// <summary>Gives a snapshot's content in pieces, each checked before it is given.</summary>
public sealed class SnapshotReader : IDisposable
{
    private readonly string _path;
    private readonly IVolumeFile _file;
    private readonly FileWindow _window;
    private SnapshotHeader _header = null!;
    private long _offset = SnapshotHeader.Bytes;
    private ReadOnlyMemory<byte> _rest;
    private SnapshotTrailer _seen;
    private bool _ended;

    private SnapshotReader(string path, IVolumeFile file) => (_path, _file, _window) = (path, file, new FileWindow(file));

    /// <summary>The last log record whose effect it holds.</summary>
    public RecordNumber Covered => _header.Covered;

    /// <summary>Content given so far, bytes.</summary>
    public long ContentBytes => _seen.ContentBytes - _rest.Length;

    /// <summary>Reads up to a buffer's length; 0 at the end, which is reached only when the whole was intact.</summary>
    /// <exception cref="SnapshotDamagedException">The file is not what was written.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        if (_rest.IsEmpty && !_ended && buffer.Length > 0)
            await NextBlockAsync();
        var part = Math.Min(_rest.Length, buffer.Length);
        _rest[..part].CopyTo(buffer);
        _rest = _rest[part..];
        return part;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    internal static async ValueTask<SnapshotReader> OpenAsync(IVolume volume, string path, RecordNumber covered)
    {
        var reader = new SnapshotReader(path, await volume.OpenAsync(path, VolumeOpen.Read));
        try
        {
            reader._header = SnapshotHeader.Read((await reader._window.ReadAsync(0, SnapshotHeader.Bytes)).Span);
        }
        catch (CodecException error)
        {
            reader.Dispose();
            throw new SnapshotDamagedException(path, error.Offset, error.Message);
        }

        if (reader.Covered == covered)
            return reader;
        reader.Dispose();
        throw new SnapshotDamagedException(path, 0, $"it covers record {reader.Covered} and its name says {covered}");
    }

    /// <summary>Reads to the end, so that damage shows before any content is used.</summary>
    internal async ValueTask VerifyAsync()
    {
        while (!_ended)
            await NextBlockAsync();
    }

    private async ValueTask NextBlockAsync()
    {
        try
        {
            var block = SnapshotBlock.Read(_offset, (await _window.ReadAsync(_offset, SnapshotBlock.HeaderBytes)).Span);
            var bytes = block.Length == 0 ? SnapshotBlock.TrailerBytes : block.Length;
            var content = await _window.ReadAsync(_offset + SnapshotBlock.HeaderBytes, bytes);
            block.Require(_header.Salt, _offset, content.Span);
            _offset += SnapshotBlock.HeaderBytes + bytes;
            if (block.Length == 0)
            {
                RequireEnd(SnapshotBlock.ReadTrailer(content.Span));
                return;
            }

            _rest = content;
            _seen = new SnapshotTrailer(_seen.ContentBytes + bytes, _seen.Blocks + 1);
        }
        catch (CodecException error)
        {
            throw new SnapshotDamagedException(_path, error.Offset, error.Message);
        }
    }

    private void RequireEnd(SnapshotTrailer trailer)
    {
        if (trailer != _seen)
            throw new SnapshotDamagedException(
                _path, _offset, $"its trailer tells of {trailer.Blocks} blocks and {trailer.ContentBytes} bytes, and there are "
                + $"{_seen.Blocks} and {_seen.ContentBytes}");
        if (_file.Length != _offset)
            throw new SnapshotDamagedException(_path, _offset, $"{_file.Length - _offset} bytes follow its trailer");
        _ended = true;
    }
}
