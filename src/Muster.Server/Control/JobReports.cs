using System.Collections.Immutable;
using Muster.Codecs.Control;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Nodes;
using Muster.Jobs.Records;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Server.Control;

/// <summary>Answers about jobs, the same from a running coordinator and from a store read offline.</summary>
/// <param name="listing">What is stored.</param>
/// <param name="snapshots">What each host last said; nothing for hosts that were not heard.</param>
public sealed class JobReports(StoreListing listing, IReadOnlyList<NodeSnapshot> snapshots)
{
    /// <summary>Every job that was not removed, by name.</summary>
    public ImmutableArray<JobReport> All => [.. listing.Jobs.Values.Where(Exists).Select(job => Report(job, long.MaxValue))];

    /// <summary>One job; null when there is none.</summary>
    /// <param name="name">Which.</param>
    /// <param name="after">Only events with a greater number come along.</param>
    public JobReport? Report(string name, long after) => Find(name) is { } job ? Report(job, after) : null;

    /// <summary>A job's decisions; null when there is no such job.</summary>
    public EventList? Events(string name) => Find(name) is { } job ? new(JobViews.Events(job)) : null;

    /// <summary>Why a job is as it is; null when there is none.</summary>
    public WhyReply? Why(string name) => Find(name) is { } job ? new(JobViews.Why(job)) : null;

    /// <summary>A job's checkpoints, newest first; null when there is no such job.</summary>
    public CheckpointList? Checkpoints(string name) => Find(name) is { } job
        ? new([.. job.Checkpoints.Reverse().Select(stored => View(stored.Value))])
        : null;

    /// <summary>What is stored about a job; null when there is none.</summary>
    public JobState? Find(string name) =>
        JobId.IsValid(name) && listing.Jobs.TryGetValue(new JobId(name), out var job) && Exists(job) ? job : null;

    private static bool Exists(JobState job) => job.Specification is not null;

    private static CheckpointView View(CheckpointRecord record) => new(
        record.Checkpoint.Step, record.Checkpoint.Generation, record.Checkpoint.WorldSize, record.Bytes, record.Checkpoint.Manifest,
        record.Pinned, record.Quarantine?.Why, Path.GetDirectoryName(record.ManifestPath) ?? "");

    private JobReport Report(JobState job, long after) => new(
        JobViews.Of(job, node => snapshots.FirstOrDefault(snapshot => snapshot.Node == node)),
        JobViews.Events(job, after),
        snapshots.All(snapshot => snapshot.Jobs.All(facts => facts.Job != job.Job)));
}
