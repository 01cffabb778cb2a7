using System.Collections.Immutable;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Jobs.Nodes;

/// <summary>All that one node is to do: the coordinator's whole wish, sent again until the node's facts agree.</summary>
/// <param name="Leader">Token of the coordinator that wishes; an agent refuses a smaller one than it has seen.</param>
/// <param name="Jobs">One for each job that holds the node, by job. A job that is absent is to end and be forgotten.</param>
public sealed record NodeAssignments(FencingToken Leader, ImmutableArray<JobAssignment> Jobs);

/// <summary>What one node is to do for one job.</summary>
public sealed record JobAssignment
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The generation; an agent refuses a smaller one than it has started.</summary>
    public required Generation Generation { get; init; }

    /// <summary>The generation's fencing token: create revision of its key.</summary>
    public required FencingToken Token { get; init; }

    /// <summary>What to start; the same for the whole life of a generation.</summary>
    public required LaunchPlan Launch { get; init; }

    /// <summary>How to end the ranks that run; null: they are to run.</summary>
    public StopOrder? Stop { get; init; }

    /// <summary>The checkpoint on demand under way; null: none.</summary>
    public CheckpointRequest? Checkpoint { get; init; }

    /// <summary>Newest committed step of any generation; null: none yet.</summary>
    public TrainingStep? Committed { get; init; }
}

/// <summary>What a node starts for a generation.</summary>
public sealed record LaunchPlan
{
    /// <summary>The job's specification, secrets filled in.</summary>
    public required JobSpecification Specification { get; init; }

    /// <summary>The try this generation belongs to.</summary>
    public required Attempt Attempt { get; init; }

    /// <summary>Ranks in the whole generation.</summary>
    public required int WorldSize { get; init; }

    /// <summary>This node's number in the generation.</summary>
    public required int NodeRank { get; init; }

    /// <summary>Nodes in the generation.</summary>
    public required int NodeCount { get; init; }

    /// <summary>The ranks that this node starts, dense by local rank.</summary>
    public required ImmutableArray<RankPlacement> Ranks { get; init; }

    /// <summary>Address of rank 0's host as the other hosts reach it.</summary>
    public required string MasterAddress { get; init; }

    /// <summary>Port of rank 0's store; 0: the keeper that starts rank 0 chooses a free one.</summary>
    public required int MasterPort { get; init; }

    /// <summary>Absolute directory below which the job's checkpoints lie.</summary>
    public required string CheckpointRoot { get; init; }

    /// <summary>The checkpoint to resume from; null: from the beginning.</summary>
    public CheckpointReference? RestoreFrom { get; init; }
}

/// <summary>One rank's place.</summary>
/// <param name="Rank">In the generation.</param>
/// <param name="LocalRank">On the node.</param>
/// <param name="Gpus">Indices of the GPUs granted; empty: none.</param>
public sealed record RankPlacement(Rank Rank, int LocalRank, ImmutableArray<int> Gpus);

/// <summary>Names a committed checkpoint.</summary>
/// <param name="Step">Steps done in it.</param>
/// <param name="Generation">The generation that wrote it.</param>
/// <param name="WorldSize">Ranks that wrote it.</param>
/// <param name="Manifest">Digest of its manifest, 32 lower-case hexadecimal digits.</param>
public sealed record CheckpointReference(TrainingStep Step, Generation Generation, int WorldSize, string Manifest);

/// <summary>Why ranks are ended.</summary>
public enum StopKind
{
    /// <summary>The generation failed: signal, the failure's grace, SIGKILL.</summary>
    Failure,

    /// <summary>A person or the scheduler stops the job: signal, the stop's grace, SIGKILL.</summary>
    Stop,
}

/// <summary>How to end a generation's ranks on a node.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Signal">First signal.</param>
/// <param name="Grace">From it to SIGKILL of the whole group; zero: SIGKILL at once.</param>
public sealed record StopOrder(StopKind Kind, int Signal, TimeSpan Grace);

/// <summary>Where a checkpoint on demand stands.</summary>
public enum CheckpointRequestState
{
    /// <summary>Each rank is to promise the step, or to refuse because it is past it.</summary>
    Proposed,

    /// <summary>Every rank promised: the step is due on all of them.</summary>
    Confirmed,

    /// <summary>A rank refused: the step is not due.</summary>
    Cancelled,
}

/// <summary>A checkpoint that is due on all ranks at one step besides the regular ones.</summary>
/// <param name="Id">Rises with each request of a job, so that an answer belongs to one proposal.</param>
/// <param name="Step">When.</param>
/// <param name="Ends">Whether every rank ends after it.</param>
/// <param name="State">Where it stands. A rank that promised waits at the step until it is confirmed or cancelled.</param>
public sealed record CheckpointRequest(long Id, TrainingStep Step, bool Ends, CheckpointRequestState State);
