using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Jobs.Reasons;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Records;

/// <summary>One restart, as stored.</summary>
/// <param name="Generation">The generation that ended.</param>
/// <param name="Reason">Why.</param>
public sealed record RestartRecord(Generation Generation, Reason Reason);

/// <summary>Names a checkpoint.</summary>
/// <param name="Step">Steps done in it.</param>
/// <param name="Generation">Who wrote it.</param>
public sealed record CheckpointName(TrainingStep Step, Generation Generation);

/// <summary>A checkpoint that a program could not load although its bytes are good; not yet quarantined.</summary>
/// <param name="Checkpoint">Which.</param>
/// <param name="Why">What the program said.</param>
public sealed record Suspect(CheckpointName Checkpoint, string Why);

/// <summary>Where a job stands: <c>jobs/&lt;job&gt;/status</c>.</summary>
public sealed record StatusRecord
{
    /// <summary>Format version.</summary>
    public int V { get; init; } = 1;

    /// <summary>Phase.</summary>
    public required JobPhase Phase { get; init; }

    /// <summary>Why.</summary>
    public required Reason Reason { get; init; }

    /// <summary>The submission this is about.</summary>
    public required long Submission { get; init; }

    /// <summary>Failures charged since the submission began.</summary>
    public Attempt Attempt { get; init; }

    /// <summary>Failures charged since the budget last began.</summary>
    public int Charged { get; init; }

    /// <summary>Charged failures in a row whose generations did not run for long; they double the pause.</summary>
    public int ChargedInARow { get; init; }

    /// <summary>Closings without charge in a row, none of which made a step.</summary>
    public int FreeInARow { get; init; }

    /// <summary>Newest restarts, oldest first.</summary>
    public required ImmutableArray<RestartRecord> Restarts { get; init; }

    /// <summary>Checkpoints passed over until an older one has been restored and has stepped.</summary>
    public required ImmutableArray<Suspect> Suspects { get; init; }

    /// <summary>Newest checkpoint that a rank could not save and an event told of; null: none.</summary>
    public CheckpointName? Unsaved { get; init; }

    /// <summary>Running time of all closed generations of this submission.</summary>
    public TimeSpan Ran { get; init; }

    /// <summary>A completed job's last checkpoint; null: none.</summary>
    public CheckpointReference? Result { get; init; }
}

/// <summary>Why a checkpoint is not to be used.</summary>
/// <param name="Damaged">Whether bytes do not match digests; otherwise it could not be loaded.</param>
/// <param name="Why">What was found.</param>
public sealed record Quarantine(bool Damaged, string Why);

/// <summary>A committed checkpoint: <c>jobs/&lt;job&gt;/checkpoints/&lt;step&gt;.&lt;n&gt;</c>. Present = recoverable.</summary>
public sealed record CheckpointRecord
{
    /// <summary>Format version.</summary>
    public int V { get; init; } = 1;

    /// <summary>What names it.</summary>
    public required CheckpointReference Checkpoint { get; init; }

    /// <summary>The submission that wrote it.</summary>
    public required long Submission { get; init; }

    /// <summary>Its manifest's absolute path.</summary>
    public required string ManifestPath { get; init; }

    /// <summary>Its manifest's bytes.</summary>
    public required long ManifestBytes { get; init; }

    /// <summary>Bytes of all shards.</summary>
    public required long Bytes { get; init; }

    /// <summary>Why it is not to be used; null: it is good as far as known.</summary>
    public Quarantine? Quarantine { get; init; }

    /// <summary>Whether a person keeps it.</summary>
    public bool Pinned { get; init; }

    /// <summary>Its name.</summary>
    internal CheckpointName Name() => new(Checkpoint.Step, Checkpoint.Generation);
}

/// <summary>How far a checkpoint on demand got.</summary>
public enum DemandState
{
    /// <summary>Ranks are asked.</summary>
    Proposed,

    /// <summary>Every rank promised.</summary>
    Confirmed,

    /// <summary>Given up; ranks are told.</summary>
    Cancelled,

    /// <summary>It was committed.</summary>
    Done,
}

/// <summary>The checkpoint on demand: <c>jobs/&lt;job&gt;/request</c>. Stored before any rank hears of it.</summary>
public sealed record DemandRecord
{
    /// <summary>Format version.</summary>
    public int V { get; init; } = 1;

    /// <summary>Rises with each proposal of the job.</summary>
    public required long Id { get; init; }

    /// <summary>The generation asked.</summary>
    public required Generation Generation { get; init; }

    /// <summary>The step proposed.</summary>
    public required TrainingStep Step { get; init; }

    /// <summary>Whether ranks end after it.</summary>
    public required bool Ends { get; init; }

    /// <summary>How far it got.</summary>
    public required DemandState State { get; init; }

    /// <summary>Steps added to the furthest rank's.</summary>
    public required long Margin { get; init; }

    /// <summary>Proposals made for the same wish, this one included.</summary>
    public required int Proposals { get; init; }

    /// <summary>How many of the checkpoints asked for are served once this ends.</summary>
    public required long Serves { get; init; }

    /// <summary>How many were served before.</summary>
    public required long Served { get; init; }
}

/// <summary>A decision, as stored: <c>jobs/&lt;job&gt;/events/&lt;n&gt;/&lt;seq&gt;</c>.</summary>
public sealed record EventRecord
{
    /// <summary>Format version.</summary>
    public int V { get; init; } = 1;

    /// <summary>The event.</summary>
    public required JobEvent Event { get; init; }
}

/// <summary>Files that are to go: <c>removed/…</c> (one checkpoint) and <c>sweeps/…</c> (what a generation left).</summary>
public sealed record FilesToDelete
{
    /// <summary>Format version.</summary>
    public int V { get; init; } = 1;

    /// <summary>The checkpoint's directory, or the directory of all the job's checkpoints.</summary>
    public required string Directory { get; init; }
}
