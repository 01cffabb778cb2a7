using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Coordinator;

/// <summary>What happened. Time is the leader's own clock.</summary>
/// <param name="Now">When it was taken from the inbox.</param>
public abstract record CoordinatorInput(Instant Now)
{
    /// <summary>All keys under <c>/muster/</c> as one linearizable read gave them; read again whenever one changed.</summary>
    /// <param name="At">The store's revision then.</param>
    /// <param name="Keys">All of them, in any order.</param>
    /// <param name="Now">When it was taken from the inbox.</param>
    public sealed record StoreRead(Revision At, ImmutableArray<KeyValue> Keys, Instant Now) : CoordinatorInput(Now);

    /// <summary>An agent told all it knows. To be repeated at least every few seconds while it is connected.</summary>
    /// <param name="Snapshot">What it knows.</param>
    /// <param name="Now">When it was taken from the inbox.</param>
    public sealed record NodeReported(NodeSnapshot Snapshot, Instant Now) : CoordinatorInput(Now);

    /// <summary>A transaction was answered. A new listing is to be read and given after it.</summary>
    /// <param name="Id">Which.</param>
    /// <param name="Succeeded">Whether its guards held.</param>
    /// <param name="At">The store's revision after it.</param>
    /// <param name="Now">When it was taken from the inbox.</param>
    public sealed record TransactionAnswered(long Id, bool Succeeded, Revision At, Instant Now) : CoordinatorInput(Now);

    /// <summary>A transaction was refused by the store's rules, or its outcome is unknown; a new listing is to be given after it.</summary>
    /// <param name="Id">Which.</param>
    /// <param name="Detail">What the store said.</param>
    /// <param name="Now">When it was taken from the inbox.</param>
    public sealed record TransactionFailed(long Id, string Detail, Instant Now) : CoordinatorInput(Now);

    /// <summary>A manifest is durable, its directory entry included, or could not be written.</summary>
    /// <param name="Id">Which.</param>
    /// <param name="Digest">XXH3-128 of its bytes, 32 lower-case hexadecimal digits; null: it failed.</param>
    /// <param name="Error">What went wrong; null: nothing.</param>
    /// <param name="Now">When it was taken from the inbox.</param>
    public sealed record ManifestWritten(long Id, string? Digest, string? Error, Instant Now) : CoordinatorInput(Now);

    /// <summary>Files are gone, or could not be deleted. Deleting what does not exist succeeds.</summary>
    /// <param name="Id">Which.</param>
    /// <param name="Error">What went wrong; null: nothing.</param>
    /// <param name="Now">When it was taken from the inbox.</param>
    public sealed record FilesDeleted(long Id, string? Error, Instant Now) : CoordinatorInput(Now);

    /// <summary>Time passed; a tick may be dropped, the next one carries the time. Wanted at least every second.</summary>
    /// <param name="Now">When it was taken from the inbox.</param>
    public sealed record Tick(Instant Now) : CoordinatorInput(Now);
}

/// <summary>What to do, in order. A send may be lost; each store and file effect is answered by an input with its id.</summary>
public abstract record CoordinatorEffect
{
    private CoordinatorEffect()
    {
    }

    /// <summary>Hands a guarded transaction to the store.</summary>
    /// <param name="Id">Answered with it.</param>
    /// <param name="Job">The job it decides about.</param>
    /// <param name="Transaction">Guarded by leadership and by the job's <c>current</c>.</param>
    public sealed record Transact(long Id, JobId Job, Transaction Transaction) : CoordinatorEffect;

    /// <summary>Sends a node its whole wish.</summary>
    /// <param name="Node">Which.</param>
    /// <param name="Wish">All that it is to do.</param>
    public sealed record Assign(NodeId Node, NodeAssignments Wish) : CoordinatorEffect;

    /// <summary>Writes a manifest durably: its bytes, then the directory's entry.</summary>
    /// <param name="Id">Answered with it.</param>
    /// <param name="Job">The job.</param>
    /// <param name="Path">Absolute; its directory exists once a shard does. Writing the same bytes again is no error.</param>
    /// <param name="Bytes">The whole content.</param>
    public sealed record WriteManifest(long Id, JobId Job, string Path, ByteString Bytes) : CoordinatorEffect;

    /// <summary>Deletes a checkpoint's directory with all it holds; its key is gone already.</summary>
    /// <param name="Id">Answered with it.</param>
    /// <param name="Job">The job.</param>
    /// <param name="Directory">Absolute.</param>
    public sealed record DeleteCheckpoint(long Id, JobId Job, string Directory) : CoordinatorEffect;

    /// <summary>Deletes what a generation that can write no more left uncommitted.</summary>
    /// <param name="Id">Answered with it.</param>
    /// <param name="Job">The job.</param>
    /// <param name="JobDirectory">Absolute directory of all the job's checkpoints.</param>
    /// <param name="Generation">Directories named <c>&lt;step&gt;.&lt;this&gt;</c> go.</param>
    /// <param name="Keep">But those of these steps stay.</param>
    public sealed record SweepGeneration(
        long Id, JobId Job, string JobDirectory, Generation Generation, ImmutableArray<TrainingStep> Keep) : CoordinatorEffect;
}
