using System.Collections.Immutable;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Nodes;
using Muster.Jobs.Placement;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Specification;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Coordinator;

/// <summary>All that a decision about one job may look at.</summary>
internal sealed class JobContext(
    JobState job, NodeTable nodes, Timers timers, Capacity capacity, CoordinatorOptions options, ClusterId cluster, Instant now)
{
    private ImmutableArray<ShardFacts> _candidate;

    public JobState Job => job;

    public NodeTable Nodes => nodes;

    public Timers Timers => timers;

    public Capacity Capacity => capacity;

    public CoordinatorOptions Options => options;

    public CoordinatorLimits Limits => options.Limits;

    public ClusterId Cluster => cluster;

    public Instant Now => now;

    public SpecificationRecord Submitted => job.Specification!.Value;

    public JobSpecification Specification => Submitted.Specification;

    public CurrentRecord Current => job.Current!.Value;

    public StatusRecord Status => job.Status!.Value;

    public ControlRecord Control { get; } = job.Control?.Value ?? new();

    /// <summary>The current generation; null: none was formed.</summary>
    public Stored<GenerationRecord>? Generation { get; } = job.CurrentGeneration();

    /// <summary>What the current generation's nodes say about it.</summary>
    public ImmutableArray<JobFacts> Facts { get; } = FactsOf(job, nodes);

    /// <summary>Whether the next checkpoint's manifest failed so often that a failed job goes on without it.</summary>
    public bool IsManifestHopeless { get; init; }

    /// <summary>Shards of the next checkpoint that may be committed; empty: none.</summary>
    public ImmutableArray<ShardFacts> Candidate
    {
        get
        {
            if (_candidate.IsDefault)
                _candidate = Generation is { } generation && MayCommit && !(IsManifestHopeless && IsAfterFailure)
                    ? CommitCandidates.Next(generation.Value, Facts, Current.Committed)
                    : [];
            return _candidate;
        }
    }

    private bool IsAfterFailure =>
        Current.State == CurrentState.Closed && Current.Reason?.Kind is not (ReasonKind.AllExitedWell or ReasonKind.StopRequested);

    /// <summary>A generation that is closed but not replaced may still commit; a settled job commits no more.</summary>
    public bool MayCommit => Current.State is CurrentState.Running or CurrentState.Closed && !JobPhases.IsSettled(Status.Phase);

    /// <summary>The current generation's ranks, as its nodes know them.</summary>
    public IEnumerable<RankFacts> Ranks => Facts.SelectMany(facts => facts.Ranks);

    /// <summary>Most steps any rank is known to have done; null: none reported.</summary>
    public TrainingStep? Furthest => Ranks.Where(rank => rank.Step is not null).Select(rank => rank.Step).Max();

    /// <summary>The same, lost hosts' last words included: where the job was, for people.</summary>
    public TrainingStep? LastKnown =>
        Generation?.Value.Nodes
            .Select(part => nodes.LastWords(part.Node, job.Job))
            .Where(facts => facts?.Generation == Current.Generation)
            .SelectMany(facts => facts!.Ranks)
            .Select(rank => rank.Step)
            .Max();

    /// <summary>The newest checkpoint of which a rank said that it could not save its part, and that it saved none since; null: none.</summary>
    public Reason? Unsaved =>
        Facts
            .SelectMany(facts => facts.Ranks)
            .Where(rank => rank.SaveTroubleStep is { } step && (Current.Committed is not { } committed || step > committed))
            .OrderByDescending(rank => rank.SaveTroubleStep)
            .ThenBy(rank => rank.Rank)
            .Select(rank => new Reason(ReasonKind.NotSaved) { Rank = rank.Rank, Step = rank.SaveTroubleStep, Detail = rank.SaveTrouble })
            .FirstOrDefault();

    /// <summary>The checkpoint on demand, when it is of the current generation.</summary>
    public DemandRecord? Demand => job.Demand?.Value is { } demand && demand.Generation == Current.Generation ? demand : null;

    /// <summary>How long the current generation has been seen by this leader.</summary>
    public TimeSpan Seen => now - timers.Since(TimerKind.Current, Current.Generation.Number, now);

    private static ImmutableArray<JobFacts> FactsOf(JobState job, NodeTable nodes) =>
        job.CurrentGeneration() is not { } generation
            ? []
            : [.. generation.Value.Nodes
                .Select(node => nodes.Facts(node.Node, job.Job))
                .Where(facts => facts is not null && facts.Generation == generation.Value.Generation)
                .Select(facts => facts!)];
}
