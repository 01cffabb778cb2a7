using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Jobs.Reasons;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Jobs.Records;

/// <summary>What was submitted: <c>jobs/&lt;job&gt;/spec</c>.</summary>
public sealed record SpecificationRecord
{
    /// <summary>Format version.</summary>
    public int V { get; init; } = 1;

    /// <summary>The validated specification; secrets are null in it.</summary>
    public required JobSpecification Specification { get; init; }

    /// <summary>Digest of the program's files, as the submitter computed it; empty: not taken along.</summary>
    public required string Program { get; init; }

    /// <summary>Rises with each submission, accepted change and "again", from 1.</summary>
    public required long Submission { get; init; }

    /// <summary>First submission whose checkpoints may be resumed from.</summary>
    public required long BeginsAt { get; init; }
}

/// <summary>What people want of a job that exists.</summary>
public enum JobWish
{
    /// <summary>It is to run.</summary>
    Run,

    /// <summary>It is to stop, resumably.</summary>
    Stop,

    /// <summary>It is to end for good.</summary>
    Cancel,
}

/// <summary>What people want: <c>jobs/&lt;job&gt;/control</c>. The coordinator never writes it.</summary>
public sealed record ControlRecord
{
    /// <summary>Format version.</summary>
    public int V { get; init; } = 1;

    /// <summary>Run, stop or cancel.</summary>
    public JobWish Wish { get; init; }

    /// <summary>Whether state is saved first; null: a stop as the specification says, a cancellation not.</summary>
    public bool? Save { get; init; }

    /// <summary>Time from the first signal to SIGKILL; null: as the specification says.</summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>Checkpoints asked for so far.</summary>
    public long CheckpointsAsked { get; init; }

    /// <summary>Resumptions asked for so far.</summary>
    public long Resumptions { get; init; }
}

/// <summary>Environment values kept apart: <c>jobs/&lt;job&gt;/secrets</c>.</summary>
public sealed record SecretsRecord
{
    /// <summary>Format version.</summary>
    public int V { get; init; } = 1;

    /// <summary>Values by name.</summary>
    public required ImmutableSortedDictionary<string, string> Values { get; init; }
}

/// <summary>Whether a job has a generation that may run.</summary>
public enum CurrentState
{
    /// <summary>None was formed yet.</summary>
    None,

    /// <summary>Generation n is to run.</summary>
    Running,

    /// <summary>Generation n is to end; the next is not formed.</summary>
    Closed,

    /// <summary>The job was removed; the key stays so that numbers never repeat.</summary>
    Removed,
}

/// <summary>The mutable centre of a job: <c>jobs/&lt;job&gt;/current</c>. Compared and put by every decision about it.</summary>
public sealed record CurrentRecord
{
    /// <summary>Format version.</summary>
    public int V { get; init; } = 1;

    /// <summary>Newest generation; 0: none yet.</summary>
    public required Generation Generation { get; init; }

    /// <summary>Whether it is to run.</summary>
    public required CurrentState State { get; init; }

    /// <summary>Why it was closed; null: it was not.</summary>
    public Reason? Reason { get; init; }

    /// <summary>What it resumed from; null: the beginning.</summary>
    public CheckpointReference? RestoreFrom { get; init; }

    /// <summary>Newest step this generation committed, even if removed since; null: none.</summary>
    public TrainingStep? Committed { get; init; }

    /// <summary>Number of the newest event.</summary>
    public required long EventSequence { get; init; }
}

/// <summary>A host's part of a generation.</summary>
/// <param name="Node">The host.</param>
/// <param name="Address">Where other hosts reach it.</param>
/// <param name="FirstRank">Its first rank; the others follow densely.</param>
/// <param name="Ranks">How many.</param>
/// <param name="Gpus">Indices of the GPUs granted; empty: none.</param>
public sealed record GenerationNode(NodeId Node, string Address, Rank FirstRank, int Ranks, ImmutableArray<int> Gpus);

/// <summary>A formed world, immutable: <c>jobs/&lt;job&gt;/generations/&lt;n&gt;</c>. Its create revision is its fencing token.</summary>
public sealed record GenerationRecord
{
    /// <summary>Format version.</summary>
    public int V { get; init; } = 1;

    /// <summary>Its number.</summary>
    public required Generation Generation { get; init; }

    /// <summary>The submission it runs.</summary>
    public required long Submission { get; init; }

    /// <summary>The try it belongs to.</summary>
    public required Attempt Attempt { get; init; }

    /// <summary>Its hosts, by node rank.</summary>
    public required ImmutableArray<GenerationNode> Nodes { get; init; }

    /// <summary>Port of rank 0's store; 0: its keeper chooses.</summary>
    public required int MasterPort { get; init; }

    /// <summary>Directory below which the job's checkpoints lie.</summary>
    public required string CheckpointRoot { get; init; }

    /// <summary>What it resumes from; null: the beginning.</summary>
    public CheckpointReference? RestoreFrom { get; init; }

    /// <summary>What it runs; a later change of the job does not touch it.</summary>
    public required JobSpecification Specification { get; init; }

    /// <summary>Ranks in all.</summary>
    public int WorldSize() => Nodes.Sum(node => node.Ranks);
}
