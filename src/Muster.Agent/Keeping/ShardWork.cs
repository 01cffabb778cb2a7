using System.Collections.Immutable;
using Muster.Agent.Hosting;
using Muster.Checkpoints.Directories;
using Muster.Checkpoints.Shards;
using Muster.Jobs.Nodes;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Agent.Keeping;

/// <summary>Work on checkpoint files over a volume. Where it runs is the caller's choice.</summary>
/// <param name="disk">The host's files.</param>
/// <param name="run">Runs a piece of work: in production on a loop of its own, in simulation on the keeper's.</param>
public sealed class ShardWork(IVolume disk, Action<Func<Task>> run) : IShardWork
{
    /// <inheritdoc/>
    public void MakeDirectory(string path, Action<string?> done) => run(async () =>
    {
        var trouble = await TroubleAsync(async () =>
        {
            var directory = HostPaths.OnVolume(path);
            if ((await disk.ListAsync(directory)).Count > 0)
                throw new VolumeException("mkdir", directory, VolumeError.Exists, "a shard is there already, and a path is never written twice");
            await disk.CreateDirectoryAsync(directory);
        });
        done(trouble);
    });

    /// <inheritdoc/>
    public void Seal(string written, string final, Action<ImmutableArray<ShardFile>, string?> done) => run(async () =>
    {
        ImmutableArray<ShardFile> files = [];
        var trouble = await TroubleAsync(async () =>
        {
            var sealer = new ShardSealer(disk);
            var (from, to) = (HostPaths.OnVolume(written), HostPaths.OnVolume(final));
            files = from == to ? await sealer.SealAsync(from) : await sealer.CopyAsync(from, to);
        });
        done(files, trouble);
        if (trouble is null && written != final)
            await DeleteAsync(written);
    });

    /// <inheritdoc/>
    public void Verify(string root, JobId job, CheckpointReference reference, Rank? rank, Action<string?> done) => run(async () =>
    {
        string? damage = null;
        var trouble = await TroubleAsync(async () => damage = await new CheckpointDirectory(disk, HostPaths.OnVolume(root), job)
            .FindDamageAsync(reference.Step, reference.Generation, reference.Manifest, rank));
        done(damage ?? trouble);
    });

    /// <inheritdoc/>
    public void Discard(string directory) => run(() => DeleteAsync(directory));

    private async Task DeleteAsync(string directory) =>
        // What cannot be deleted now is an orphan, and orphans are swept.
        await TroubleAsync(() => DirectoryTree.DeleteAsync(disk, HostPaths.OnVolume(directory)));

    private static async Task<string?> TroubleAsync(Func<Task> work)
    {
        try
        {
            await work();
            return null;
        }
        catch (VolumeException refusal)
        {
            // Also a failed sync: the files are given up whole, and their path is never used again.
            return refusal.Message;
        }
    }
}
