using Muster.Codecs;
using Muster.Codecs.Log;
using Muster.Disk;
using Muster.Jobs.Nodes;
using Muster.Runtime;

namespace Muster.Checkpoints.Shards;

/// <summary>Finds out whether a shard's files are what its manifest says.</summary>
public sealed class ShardVerifier(IVolume disk, SealLimits? limits = null)
{
    private const int ChecksumsBytesMax = 256 << 20;   // of a shard of 256 TiB

    private readonly SealLimits _limits = limits ?? SealLimits.Default;

    /// <summary>Reads every file of a shard and compares length and digest.</summary>
    /// <param name="directory">The shard's directory on the volume.</param>
    /// <param name="shard">What the manifest says.</param>
    /// <returns>The first damage, for people; null when all is whole. Files beside those named are of no account.</returns>
    /// <remarks>A file that cannot be read counts as damaged: its bytes cannot be had.</remarks>
    public async Task<string?> FindDamageAsync(string directory, ShardFacts shard)
    {
        ArgumentNullException.ThrowIfNull(shard);
        foreach (var expected in shard.Files)
        {
            var path = $"{directory}/{expected.Name}";
            try
            {
                using var file = await disk.OpenAsync(path, VolumeOpen.Read);
                if (file.Length != expected.Bytes)
                    return $"'/{path}' has {file.Length} bytes, and {expected.Bytes} were committed";
                var hash = new ShardHash(_limits.BlockBytes);
                await ShardFiles.HashAsync(file, hash, _limits.ChunkBytes);
                var found = hash.EndFile(expected.Name);
                if (found.Digest != expected.Digest)
                    return $"'/{path}' has digest {found.Digest}, and {expected.Digest} was committed" + await PlaceAsync(directory, shard, expected, file);
            }
            catch (VolumeException unreadable)
            {
                return unreadable.Message;
            }
        }

        return null;
    }

    /// <summary>Where the damage begins, as far as the checksums of blocks tell.</summary>
    private async Task<string> PlaceAsync(string directory, ShardFacts shard, ShardFile damaged, IVolumeFile file)
    {
        BlockChecksums committed;
        try
        {
            committed = BlockChecksums.Decode(await DurableFile.ReadAsync(disk, ShardFiles.ChecksumsPath(directory), ChecksumsBytesMax));
        }
        catch (Exception unknown) when (unknown is VolumeException or CodecException)
        {
            return "";
        }

        var first = shard.Files.TakeWhile(other => other != damaged).Sum(other => BlocksOf(other, committed.BlockBytes));
        var hash = new ShardHash(committed.BlockBytes);
        await ShardFiles.HashAsync(file, hash, _limits.ChunkBytes);
        hash.EndFile(damaged.Name);
        var found = hash.Blocks();
        for (var block = 0; block < found.Length && first + block < committed.Blocks.Length; block++)
            if (found[block] != committed.Blocks[(int)first + block])
                return $"; the first damaged block of {committed.BlockBytes} bytes begins at offset {(long)block * committed.BlockBytes}";
        return "";
    }

    private static long BlocksOf(ShardFile file, int blockBytes) => (file.Bytes + blockBytes - 1) / blockBytes;
}
