using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Views;

/// <summary>Where a job stands, for people.</summary>
public enum JobPhase
{
    /// <summary>Accepted; no node has room, or it waits before a restart.</summary>
    Waiting,

    /// <summary>A generation was formed; its ranks are being started.</summary>
    Starting,

    /// <summary>Its ranks run.</summary>
    Running,

    /// <summary>A generation is being ended.</summary>
    Stopping,

    /// <summary>Every rank ended well.</summary>
    Completed,

    /// <summary>The budget is spent, or it cannot be restored; everything is kept.</summary>
    Failed,

    /// <summary>Stopped by a person, to be resumed.</summary>
    Stopped,

    /// <summary>Cancelled by a person.</summary>
    Cancelled,
}

/// <summary>All that status, ps, why and the live view show of one job.</summary>
public sealed record JobView
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>Where it stands.</summary>
    public required JobPhase Phase { get; init; }

    /// <summary>Why, in one sentence for people.</summary>
    public required string Reason { get; init; }

    /// <summary>Generations formed so far.</summary>
    public required long Generations { get; init; }

    /// <summary>The current try.</summary>
    public required Attempt Attempt { get; init; }

    /// <summary>Charged restarts that are left.</summary>
    public required int RestartsLeft { get; init; }

    /// <summary>Ranks in the current generation.</summary>
    public required int WorldSize { get; init; }

    /// <summary>Every restart, oldest first.</summary>
    public ImmutableArray<RestartView> Restarts { get; init; } = [];

    /// <summary>The ranks of the current generation, by rank.</summary>
    public ImmutableArray<RankFacts> Ranks { get; init; } = [];

    /// <summary>The newest committed checkpoint that is not quarantined; null: none.</summary>
    public CheckpointReference? LastCheckpoint { get; init; }

    /// <summary>The step the current generation resumed from; null: from the beginning.</summary>
    public TrainingStep? RestoredFrom { get; init; }

    /// <summary>Memory held by warm interpreters, in bytes.</summary>
    public long WarmBytes { get; init; }

    /// <summary>Directory with the ranks' output on the node of rank 0; null: none yet.</summary>
    public string? OutputDirectory { get; init; }

    /// <summary>Number of the newest event.</summary>
    public long LastEvent { get; init; }
}

/// <summary>One restart.</summary>
/// <param name="Reason">A typed reason's name, such as rank-exited, rank-hung, node-lost.</param>
/// <param name="Rank">The rank that failed first; null: no rank did.</param>
/// <param name="At">Steps done when it happened, as far as was known; null: none.</param>
/// <param name="Generation">The generation that ended.</param>
/// <param name="Detail">For people.</param>
public sealed record RestartView(string Reason, Rank? Rank, TrainingStep? At, Generation Generation, string Detail);

/// <summary>One decision about a job.</summary>
/// <param name="Sequence">Rises by one within a job.</param>
/// <param name="Generation">The generation it was about.</param>
/// <param name="Kind">A name such as submitted, formed, running, committed, closed, quarantined, completed.</param>
/// <param name="Text">What and why, one sentence for people.</param>
/// <param name="Rank">The rank it was about; null: none.</param>
/// <param name="Step">The step it was about; null: none.</param>
public sealed record JobEvent(long Sequence, Generation Generation, string Kind, string Text, Rank? Rank, TrainingStep? Step);
