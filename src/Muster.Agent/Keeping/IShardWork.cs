using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Agent.Keeping;

/// <summary>The keeper's long work on checkpoint files, done beside its loop.</summary>
public interface IShardWork
{
    /// <summary>Makes a new, empty directory.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="done">Gets what was wrong, or null; called from any thread.</param>
    void MakeDirectory(string path, Action<string?> done);

    /// <summary>Makes a shard durable.</summary>
    /// <param name="written">Where it was written, absolute.</param>
    /// <param name="final">Where it must be; the same when it was written in place.</param>
    /// <param name="done">Gets its files, or what was wrong; called from any thread.</param>
    void Seal(string written, string final, Action<ImmutableArray<ShardFile>, string?> done);

    /// <summary>Checks a committed checkpoint's files against its manifest.</summary>
    /// <param name="root">Directory below which checkpoints lie.</param>
    /// <param name="job">The job.</param>
    /// <param name="reference">The checkpoint.</param>
    /// <param name="rank">The rank whose files are checked; null: all.</param>
    /// <param name="done">Gets the damage, or null; called from any thread.</param>
    void Verify(string root, JobId job, CheckpointReference reference, Rank? rank, Action<string?> done);

    /// <summary>Deletes a directory with what is in it, some time.</summary>
    void Discard(string directory);
}
