using System.Runtime.InteropServices;
using Muster.Runtime;

namespace Muster.Checkpoints.Shards;

/// <summary>Chunks in turn: some are being written while another is read and hashed. Each begins at a page, so that a disk may take it directly.</summary>
/// <remarks>Two writes at once, for the disk to have the next when it is done with one.</remarks>
internal sealed class ChunkRing
{
    private const int Chunks = 3;
    private const int PageBytes = 4096;

    private readonly Memory<byte>[] _chunks = new Memory<byte>[Chunks];
    private readonly Task[] _writes = new Task[Chunks];
    private int _current;

    public ChunkRing(int bytes)
    {
        Array.Fill(_writes, Task.CompletedTask);
        for (var i = 0; i < Chunks; i++)
            _chunks[i] = AtPage(bytes);
    }

    /// <summary>A chunk that nobody writes from any more.</summary>
    /// <exception cref="VolumeException">Its last write failed.</exception>
    public async Task<Memory<byte>> NextAsync()
    {
        _current = (_current + 1) % Chunks;
        await _writes[_current];
        return _chunks[_current];
    }

    /// <summary>Begins to write the start of the chunk that was handed out last.</summary>
    public void Write(IVolumeFile file, long offset, int count) => _writes[_current] = WriteAsync(file, offset, _chunks[_current][..count]);

    /// <summary>Awaits what is being written.</summary>
    /// <exception cref="VolumeException">A write failed.</exception>
    public Task DrainAsync() => Task.WhenAll(_writes);

    private static async Task WriteAsync(IVolumeFile file, long offset, ReadOnlyMemory<byte> bytes)
    {
        await file.WriteAsync(offset, bytes);
        await file.BeginWritebackAsync(offset, bytes.Length);
    }

    private static Memory<byte> AtPage(int bytes)
    {
        var pinned = GC.AllocateUninitializedArray<byte>(bytes + PageBytes, pinned: true);
        var skipped = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0) & (PageBytes - 1));
        return pinned.AsMemory(skipped, bytes);
    }
}
