using System.Collections.Immutable;
using Muster.Checkpoints.Digests;
using Muster.Checkpoints.Directories;
using Muster.Disk;
using Muster.Jobs.Checkpoints;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Server.Coordination;

/// <summary>What the coordinator does to files of checkpoints. Everything may be done twice.</summary>
/// <param name="disk">From its root: the coordinator names absolute paths.</param>
internal sealed class CheckpointFiles(IVolume disk)
{
    /// <summary>Writes a manifest durably.</summary>
    /// <returns>Its digest.</returns>
    public async Task<string> WriteManifestAsync(string path, ByteString bytes)
    {
        await DurableFile.WriteAsync(disk, Relative(path), bytes.Memory);
        return Xxh3.Format(Xxh3.Of(bytes.Span));
    }

    /// <summary>Deletes a checkpoint with all it holds: its manifest first, so that what a crash leaves is an orphan.</summary>
    public async Task DeleteAsync(string directory)
    {
        var path = Relative(directory);
        if (await disk.ExistsAsync(path))
        {
            await DurableFile.DeleteAsync(disk, $"{path}/{CheckpointLayout.ManifestName}");
            await DirectoryTree.DeleteAsync(disk, path);
        }

        await KeepGoneAsync(path[..path.LastIndexOf('/')]);
    }

    /// <summary>Deletes what a generation left that was never committed.</summary>
    public async Task SweepAsync(string jobDirectory, Generation generation, ImmutableArray<TrainingStep> keep)
    {
        foreach (var entry in await disk.ListAsync(Relative(jobDirectory)))
        {
            if (CheckpointLayout.TryParseDirectoryName(entry.Name, out var step, out var by) && by == generation && !keep.Contains(step))
                await DeleteAsync($"{jobDirectory}/{entry.Name}");
        }

        await KeepGoneAsync(Relative(jobDirectory));
    }

    /// <summary>What is missing already may have been deleted by a process that died before it synced: it could come back.</summary>
    private async Task KeepGoneAsync(string directory)
    {
        if (await disk.ExistsAsync(directory))
            await disk.SyncDirectoryAsync(directory);
    }

    private static string Relative(string path) => path.TrimStart('/');
}
