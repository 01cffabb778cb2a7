using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Checkpoints;

/// <summary>What a checkpoint consists of: every shard of one generation with files, bytes and digests.</summary>
public sealed record Manifest
{
    /// <summary>Newest format version.</summary>
    public const int Version = 1;

    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>Steps done.</summary>
    public required TrainingStep Step { get; init; }

    /// <summary>The generation that wrote it.</summary>
    public required Generation Generation { get; init; }

    /// <summary>That generation's fencing token.</summary>
    public required FencingToken Token { get; init; }

    /// <summary>Ranks; one shard each.</summary>
    public required int WorldSize { get; init; }

    /// <summary>The shards, by rank; their files by name in ordinal order.</summary>
    public required ImmutableArray<ShardFacts> Shards { get; init; }

    /// <summary>Bytes of all shards.</summary>
    public long Bytes => Shards.Sum(shard => shard.Bytes);

    /// <inheritdoc/>
    public bool Equals(Manifest? other) => other is not null && ManifestCodec.Encode(this).Equals(ManifestCodec.Encode(other));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Step, Generation, WorldSize);
}

/// <summary>What reading a manifest gave.</summary>
public abstract record ManifestResult
{
    private ManifestResult()
    {
    }

    /// <summary>It is whole and canonical.</summary>
    /// <param name="Manifest">The manifest.</param>
    public sealed record Read(Manifest Manifest) : ManifestResult;

    /// <summary>It is not to be trusted.</summary>
    /// <param name="Error">Which rule it breaks.</param>
    /// <param name="Text">What was wrong, where, and what to do.</param>
    public sealed record Refused(ManifestError Error, string Text) : ManifestResult;
}

/// <summary>Which rule bytes break that should be a manifest.</summary>
public enum ManifestError
{
    /// <summary>Over <see cref="ManifestLimits.BytesMax"/>.</summary>
    TooLarge,

    /// <summary>Not JSON, or not of the manifest's shape.</summary>
    Malformed,

    /// <summary>Written by a newer version.</summary>
    Newer,

    /// <summary>A value out of its range, a rank missing or twice, a file's name that leaves its directory.</summary>
    Invalid,

    /// <summary>Well-formed, but not the bytes this content is written as.</summary>
    NotCanonical,
}

/// <summary>Limits of manifests.</summary>
public static class ManifestLimits
{
    /// <summary>Longest manifest in bytes; a longer one is refused.</summary>
    public const int BytesMax = 64 * 1024 * 1024;

    /// <summary>Longest name of a shard's file, in characters; a longer one is refused.</summary>
    public const int FileNameMax = 1024;
}
