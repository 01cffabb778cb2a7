using System.Collections.Immutable;
using Muster.Checkpoints.Digests;
using Muster.Checkpoints.Shards;
using Muster.Disk;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Nodes;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Checkpoints.Directories;

/// <summary>A checkpoint as its files alone tell it.</summary>
/// <param name="Step">Steps done in it.</param>
/// <param name="Generation">The generation that wrote it.</param>
/// <param name="HasManifest">Whether a manifest is there: without one it was never committed.</param>
public sealed record FoundCheckpoint(TrainingStep Step, Generation Generation, bool HasManifest);

/// <summary>One job's checkpoints on a volume, as docs/formats/manifest.md lays them out. Needs no store.</summary>
/// <param name="disk">Where they lie.</param>
/// <param name="root">Directory on the volume below which the checkpoints of all jobs lie.</param>
/// <param name="job">The job.</param>
/// <param name="limits">The defaults when null.</param>
public sealed class CheckpointDirectory(IVolume disk, string root, JobId job, SealLimits? limits = null)
{
    /// <summary>The checkpoints, oldest first. Names that are no checkpoint's are passed over.</summary>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public async Task<ImmutableArray<FoundCheckpoint>> ListAsync()
    {
        var found = ImmutableArray.CreateBuilder<FoundCheckpoint>();
        foreach (var entry in await disk.ListAsync(CheckpointLayout.JobDirectory(root, job)))
            if (entry.IsDirectory && CheckpointLayout.TryParseDirectoryName(entry.Name, out var step, out var generation))
                found.Add(new FoundCheckpoint(
                    step, generation, await disk.ExistsAsync(CheckpointLayout.ManifestPath(root, job, step, generation))));
        found.Sort((left, right) => left.Step != right.Step
            ? left.Step.CompareTo(right.Step)
            : left.Generation.CompareTo(right.Generation));
        return found.ToImmutable();
    }

    /// <summary>Makes a manifest durable. The same one may be written again; its shards must be durable.</summary>
    /// <returns>Its digest.</returns>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public async Task<string> WriteManifestAsync(Manifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var bytes = ManifestCodec.Encode(manifest);
        await disk.CreateDirectoryAsync(CheckpointLayout.CheckpointDirectory(root, job, manifest.Step, manifest.Generation));
        await DurableFile.WriteAsync(
            disk, CheckpointLayout.ManifestPath(root, job, manifest.Step, manifest.Generation), bytes.Memory);
        return Xxh3.Format(Xxh3.Of(bytes.Span));
    }

    /// <summary>Reads a manifest; with a reference, only the very one that was committed.</summary>
    /// <param name="step">Which checkpoint.</param>
    /// <param name="generation">Whose.</param>
    /// <param name="digest">Digest of the manifest as it was committed; null: any.</param>
    /// <returns>The manifest, or what is wrong with it.</returns>
    public async Task<(Manifest? Manifest, string? Damage)> ReadManifestAsync(TrainingStep step, Generation generation, string? digest)
    {
        var path = CheckpointLayout.ManifestPath(root, job, step, generation);
        byte[] bytes;
        try
        {
            bytes = await DurableFile.ReadAsync(disk, path, ManifestLimits.BytesMax);
        }
        catch (VolumeException unreadable)
        {
            return (null, unreadable.Message);
        }

        if (digest is not null && Xxh3.Format(Xxh3.Of(bytes)) is var found && found != digest)
            return (null, $"'/{path}' has digest {found}, and {digest} was committed");
        return ManifestCodec.Decode(ByteString.Copy(bytes)) switch
        {
            ManifestResult.Read(var manifest) when manifest.Step == step && manifest.Generation == generation && manifest.Job == job => (manifest, null),
            ManifestResult.Read(var other) => (null, $"'/{path}' is the manifest of {other.Job} {other.Step}.{other.Generation}"),
            ManifestResult.Refused(_, var text) => (null, $"'/{path}': {text}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Checks a checkpoint whole, or one rank of it, against its manifest.</summary>
    /// <param name="step">Which checkpoint.</param>
    /// <param name="generation">Whose.</param>
    /// <param name="digest">Digest of the manifest as it was committed; null: any.</param>
    /// <param name="only">The rank to check; null: all.</param>
    /// <returns>The first damage, for people; null when all is whole.</returns>
    public async Task<string?> FindDamageAsync(TrainingStep step, Generation generation, string? digest, Rank? only = null)
    {
        var (manifest, damage) = await ReadManifestAsync(step, generation, digest);
        if (manifest is null)
            return damage;
        var verifier = new ShardVerifier(disk, limits);
        foreach (var shard in manifest.Shards)
            if ((only is null || only == shard.Rank)
                && await verifier.FindDamageAsync(CheckpointLayout.ShardDirectory(root, job, step, generation, shard.Rank), shard) is { } found)
                return found;
        return only is { } rank && manifest.Shards.All(shard => shard.Rank != rank)
            ? $"the manifest of {step}.{generation} has no shard of rank {rank}"
            : null;
    }

    /// <summary>Deletes a checkpoint that no key names any more: its manifest first, so that what a crash leaves is an orphan.</summary>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public async Task DeleteAsync(TrainingStep step, Generation generation)
    {
        var directory = CheckpointLayout.CheckpointDirectory(root, job, step, generation);
        if (await disk.ExistsAsync(directory))
        {
            await DurableFile.DeleteAsync(disk, CheckpointLayout.ManifestPath(root, job, step, generation));
            await DirectoryTree.DeleteAsync(disk, directory);
        }

        // Also when it is missing: a process that died may have deleted it without the sync that keeps it gone.
        var parent = CheckpointLayout.JobDirectory(root, job);
        if (await disk.ExistsAsync(parent))
            await disk.SyncDirectoryAsync(parent);
    }

    /// <summary>Deletes what generations up to a closed one wrote and nobody committed.</summary>
    /// <param name="closed">The newest closed generation; what younger ones write is left alone.</param>
    /// <param name="isCommitted">Whether a key names the checkpoint.</param>
    /// <returns>What was deleted.</returns>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public async Task<ImmutableArray<FoundCheckpoint>> SweepOrphansAsync(
        Generation closed, Func<TrainingStep, Generation, bool> isCommitted)
    {
        ArgumentNullException.ThrowIfNull(isCommitted);
        var swept = ImmutableArray.CreateBuilder<FoundCheckpoint>();
        foreach (var found in await ListAsync())
        {
            if (found.Generation.CompareTo(closed) > 0 || isCommitted(found.Step, found.Generation))
                continue;
            await DeleteAsync(found.Step, found.Generation);
            swept.Add(found);
        }

        return swept.ToImmutable();
    }
}

/// <summary>Whole directory trees.</summary>
public static class DirectoryTree
{
    /// <summary>Deletes a directory with what is in it; nothing when it does not exist.</summary>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public static async Task DeleteAsync(IVolume disk, string directory)
    {
        ArgumentNullException.ThrowIfNull(disk);
        foreach (var entry in await disk.ListAsync(directory))
            if (entry.IsDirectory)
                await DeleteAsync(disk, $"{directory}/{entry.Name}");
            else
                await disk.DeleteAsync($"{directory}/{entry.Name}");
        await disk.DeleteAsync(directory);
    }
}
