using Muster.Jobs.Checkpoints;
using Muster.Jobs.Deciding;
using Muster.Jobs.Records;
using Muster.Primitives;

namespace Muster.Jobs.Coordinator;

/// <summary>What a leader remembers of a job: only what is under way, and since when it has seen things.</summary>
internal sealed class JobMemory
{
    /// <summary>Timers.</summary>
    public Timers Timers { get; } = new();

    /// <summary>The transaction in flight; null: none.</summary>
    public long? Transaction { get; set; }

    /// <summary>The generation that the transaction in flight forms; null: it forms none.</summary>
    public GenerationRecord? BeingFormed { get; set; }

    /// <summary>Nothing is decided before a listing of this revision or a later one; none: any listing will do.</summary>
    public Revision WaitsFor { get; set; }

    /// <summary>Whether the outcome of a transaction is unknown, so that any new listing is waited for.</summary>
    public bool WaitsForListing { get; set; }

    /// <summary>Nothing is decided before it: a store that refuses is not to be hammered.</summary>
    public Instant RetryAt { get; set; }

    /// <summary>Whether a decision may be made now.</summary>
    public bool IsFree(Instant now) => Transaction is null && WaitsFor == Revision.None && !WaitsForListing && now >= RetryAt;

    /// <summary>The manifest being written or written; null: none.</summary>
    public ManifestWork? Manifest { get; set; }

    /// <summary>Deletions under way or done, by key.</summary>
    public Dictionary<ByteString, DeletionWork> Deletions { get; } = [];

    /// <summary>A transaction was answered: what it formed counts until a listing shows it.</summary>
    public void Answered(Revision at, bool succeeded)
    {
        Transaction = null;
        WaitsFor = at;
        if (!succeeded)
            BeingFormed = null;
    }

    /// <summary>A listing has arrived.</summary>
    public void Listed(Revision at)
    {
        WaitsForListing = false;
        if (at < WaitsFor || Transaction is not null)
            return;
        WaitsFor = Revision.None;
        BeingFormed = null;
    }
}

/// <summary>A manifest on its way to the blob store.</summary>
internal sealed class ManifestWork(Manifest manifest, string path, ByteString bytes)
{
    public Manifest Manifest => manifest;

    public string Path => path;

    public ByteString Bytes => bytes;

    /// <summary>The write under way; null: none.</summary>
    public long? Id { get; set; }

    /// <summary>Its digest once it is durable; null: it is not.</summary>
    public string? Digest { get; set; }

    public int Failures { get; set; }

    public Instant RetryAt { get; set; }

    /// <summary>What may be committed; null: it is not durable.</summary>
    public DurableManifest? Durable => Digest is null ? null : new(manifest, path, bytes.Length, Digest);
}

/// <summary>A deletion of files.</summary>
internal sealed class DeletionWork
{
    public long? Id { get; set; }

    public bool IsDone { get; set; }

    public Instant RetryAt { get; set; }
}
