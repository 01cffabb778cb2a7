using System.Buffers;
using Muster.Checkpoints.Digests;
using Muster.Jobs.Nodes;
using Muster.Runtime;

namespace Muster.Checkpoints.Shards;

/// <summary>Hashing whole files.</summary>
internal static class ShardFiles
{
    public static async Task<ShardFile> DigestAsync(IVolumeFile file, string name, int chunkBytes)
    {
        var hash = new Xxh3();
        var buffer = ArrayPool<byte>.Shared.Rent(chunkBytes);
        try
        {
            var offset = 0L;
            while (await file.ReadAsync(offset, buffer.AsMemory(0, chunkBytes)) is > 0 and var count)
            {
                hash.Append(buffer.AsSpan(0, count));
                offset += count;
            }

            return new ShardFile(name, offset, Xxh3.Format(hash.Digest()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
