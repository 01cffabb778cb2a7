using Muster.Jobs.Nodes;
using Muster.Runtime;

namespace Muster.Checkpoints.Shards;

/// <summary>Finds out whether a shard's files are what its manifest says.</summary>
public sealed class ShardVerifier(IVolume disk, SealLimits? limits = null)
{
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
                var found = await ShardFiles.DigestAsync(file, expected.Name, _limits.ChunkBytes);
                if (found.Digest != expected.Digest)
                    return $"'/{path}' has digest {found.Digest}, and {expected.Digest} was committed";
            }
            catch (VolumeException unreadable)
            {
                return unreadable.Message;
            }
        }

        return null;
    }
}
