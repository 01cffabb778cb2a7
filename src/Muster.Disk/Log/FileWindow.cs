using Muster.Runtime;

namespace Muster.Disk.Log;

/// <summary>Reads a file front to back in large pieces and hands out small ones.</summary>
internal sealed class FileWindow(IVolumeFile file)
{
    private const int PieceBytes = 1 << 20;

    private byte[] _buffer = [];
    private long _start;
    private int _filled;

    /// <summary>Bytes at an offset, fewer than asked only at the file's end; good until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offset, int count)
    {
        if (offset < _start || offset + count > _start + _filled)
            await FillAsync(offset, count);
        var at = (int)(offset - _start);
        return _buffer.AsMemory(at, Math.Min(count, _filled - at));
    }

    /// <summary>Forgets what was read, so that the next call sees the file as it is now.</summary>
    public void Forget() => (_start, _filled) = (0, 0);

    private async ValueTask FillAsync(long offset, int count)
    {
        var wanted = Math.Max(count, (int)Math.Min(PieceBytes, Math.Max(0, file.Length - offset)));
        if (_buffer.Length < wanted)
            _buffer = new byte[wanted];
        _start = offset;
        _filled = 0;
        while (_filled < wanted)
        {
            var read = await file.ReadAsync(offset + _filled, _buffer.AsMemory(_filled, wanted - _filled));
            if (read == 0)
                break;
            _filled += read;
        }
    }
}
