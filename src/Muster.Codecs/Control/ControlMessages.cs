using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Muster.Jobs.Nodes;
using Muster.Jobs.Specification;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Codecs.Control;

/// <summary>A job handed to a server.</summary>
/// <param name="Specification">What to run, every default filled in.</param>
/// <param name="ProgramDigest">Tells whether the program is still the one that was submitted first.</param>
/// <param name="AcceptChange">Whether a changed specification or program is meant.</param>
/// <param name="Again">Whether a finished job is to run once more.</param>
/// <param name="Secrets">Values for the environment's names that have none in the specification.</param>
public sealed record JobSubmission(
    JobSpecification Specification, string ProgramDigest, bool AcceptChange, bool Again, ImmutableSortedDictionary<string, string> Secrets);

/// <summary>What became of a submission.</summary>
public enum SubmitOutcome
{
    /// <summary>A new job.</summary>
    Accepted,

    /// <summary>A stopped job goes on.</summary>
    Resumed,

    /// <summary>The job has not finished; it goes on.</summary>
    Continued,

    /// <summary>The job finished before; nothing was started.</summary>
    Finished,

    /// <summary>Specification or program differ from what was submitted first; nothing was started.</summary>
    Changed,

    /// <summary>It cannot be taken; nothing was started.</summary>
    Refused,
}

/// <summary>The answer to a submission.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Detail">One sentence for people.</param>
/// <param name="View">The job's state.</param>
public sealed record SubmitReply(SubmitOutcome Outcome, string Detail, JobView? View);

/// <summary>A job's state and what is new in its history.</summary>
/// <param name="View">The state.</param>
/// <param name="Events">Decisions since the last report of the same stream.</param>
/// <param name="Released">Whether no node holds anything of the job any more.</param>
public sealed record JobReport(JobView View, ImmutableArray<JobEvent> Events, bool Released);

/// <summary>All jobs of a server.</summary>
/// <param name="Jobs">By name.</param>
public sealed record JobList(ImmutableArray<JobView> Jobs);

/// <summary>A job's decisions.</summary>
/// <param name="Events">Oldest first.</param>
public sealed record EventList(ImmutableArray<JobEvent> Events);

/// <summary>Why a job is as it is.</summary>
/// <param name="Lines">For people, most important first.</param>
public sealed record WhyReply(ImmutableArray<string> Lines);

/// <summary>A wish to stop a job.</summary>
/// <param name="GraceSeconds">Seconds from the signal to SIGKILL; null: the job's own.</param>
/// <param name="Save">Whether all ranks save first; null: as the job says.</param>
/// <param name="Resumable">Whether it can go on later; otherwise it is cancelled.</param>
public sealed record StopRequest(double? GraceSeconds, bool? Save, bool Resumable);

/// <summary>A committed checkpoint.</summary>
/// <param name="Step">Steps done in it.</param>
/// <param name="Generation">The generation that wrote it.</param>
/// <param name="WorldSize">Ranks that wrote it.</param>
/// <param name="Bytes">Of all shards.</param>
/// <param name="Manifest">Digest of its manifest.</param>
/// <param name="Pinned">Whether retention leaves it alone.</param>
/// <param name="Quarantined">Why it is not restored from; null: it is good.</param>
/// <param name="Directory">Where its files lie.</param>
public sealed record CheckpointView(
    TrainingStep Step, Generation Generation, int WorldSize, long Bytes, string Manifest, bool Pinned, string? Quarantined, string Directory);

/// <summary>A job's checkpoints.</summary>
/// <param name="Checkpoints">Newest first.</param>
public sealed record CheckpointList(ImmutableArray<CheckpointView> Checkpoints);

/// <summary>Something was done, or why not.</summary>
/// <param name="Done">Whether it was done.</param>
/// <param name="Detail">One sentence for people.</param>
public sealed record ControlReply(bool Done, string Detail);

/// <summary>How control messages read and write as JSON: snake case, ids as bare numbers and names, enums by name.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(SpecificationConverter)])]
[JsonSerializable(typeof(JobSubmission))]
[JsonSerializable(typeof(SubmitReply))]
[JsonSerializable(typeof(JobReport))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(WhyReply))]
[JsonSerializable(typeof(StopRequest))]
[JsonSerializable(typeof(CheckpointList))]
[JsonSerializable(typeof(ControlReply))]
public sealed partial class ControlJson : JsonSerializerContext;
