using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>What a keeper has on disk, whole: exits and shards are in it before anyone is told.</summary>
public sealed record KeeperJournal
{
    /// <summary>The keeper that wrote it.</summary>
    public required HostProcess Keeper { get; init; }

    /// <summary>Newest generation it took up; in it before any rank is started.</summary>
    public required Generation Generation { get; init; }

    /// <summary>Whether nothing of that generation runs any more.</summary>
    public bool Ended { get; init; }

    /// <summary>Why the generation could not run; null: it could.</summary>
    public string? Refusal { get; init; }

    /// <summary>How its ranks ended, by rank.</summary>
    public ImmutableArray<JournaledExit> Exits { get; init; } = [];

    /// <summary>Its durable shards that are not known to be committed.</summary>
    public ImmutableArray<ShardFacts> Shards { get; init; } = [];
}

/// <summary>One rank's end.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Step">Steps done as last reported; null: never reported.</param>
/// <param name="Exit">How it ended.</param>
public sealed record JournaledExit(Rank Rank, int Pid, TrainingStep? Step, RankExit Exit);
