using System.Buffers;
using Muster.Runtime;

namespace Muster.Checkpoints.Shards;

/// <summary>Files of a shard, and what stands beside them.</summary>
internal static class ShardFiles
{
    /// <summary>Where the checksums of a shard's blocks are.</summary>
    /// <param name="shard">The shard's directory.</param>
    public static string ChecksumsPath(string shard) => shard + ".crc32c";

    /// <summary>Reads a file from its start to its end.</summary>
    public static async Task HashAsync(IVolumeFile file, ShardHash hash, int chunkBytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(chunkBytes);
        try
        {
            for (var offset = 0L; await file.ReadAsync(offset, buffer.AsMemory(0, chunkBytes)) is > 0 and var count; offset += count)
                hash.Append(buffer.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
