using Muster.Jobs.Checkpoints;
using Muster.Jobs.Coordinator;
using Muster.Jobs.Records;
using Muster.Primitives;

namespace Muster.Jobs.Deciding;

/// <summary>Commits a checkpoint whose manifest is durable, unless it was committed or has become void meanwhile.</summary>
internal static class CommitDecider
{
    public static Change? Commit(JobContext context, DurableManifest durable)
    {
        var manifest = durable.Manifest;
        if (!context.MayCommit || manifest.Generation != context.Current.Generation || context.Candidate.IsEmpty
            || context.Candidate[0].Step != manifest.Step)
            return null;
        var key = JobKeys.Checkpoint(context.Job.Job, manifest.Step, manifest.Generation);
        var record = new CheckpointRecord
        {
            Checkpoint = new(manifest.Step, manifest.Generation, manifest.WorldSize, durable.Digest),
            Submission = context.Generation!.Value.Submission,
            ManifestPath = durable.Path,
            ManifestBytes = durable.Bytes,
            Bytes = manifest.Bytes,
        };
        var change = new Change(context.Job)
            .Guard(Compare.Absent(key))
            .Put(key, RecordJson.Encode(record, RecordContext.Default.CheckpointRecord));
        change.Current = context.Current with { Committed = manifest.Step };
        if (context.Demand is { State: DemandState.Confirmed } demand && demand.Step == manifest.Step)
            change.Put(
                JobKeys.Request(context.Job.Job),
                RecordJson.Encode(demand with { State = DemandState.Done }, RecordContext.Default.DemandRecord));
        return change.Event(
            "committed", $"the checkpoint of step {manifest.Step}: {manifest.WorldSize} shards, {manifest.Bytes} bytes", null, manifest.Step);
    }

    /// <summary>What the manifest of the next checkpoint to commit says; null: there is none.</summary>
    public static (Manifest Manifest, string Path)? Next(JobContext context)
    {
        if (context.Generation is not { } generation || context.Candidate is not { IsEmpty: false } shards)
            return null;
        var manifest = new Manifest
        {
            Job = context.Job.Job,
            Step = shards[0].Step,
            Generation = generation.Value.Generation,
            Token = new(context.Cluster, generation.Created),
            WorldSize = generation.Value.WorldSize(),
            Shards = shards,
        };
        return (manifest, CheckpointLayout.ManifestPath(
            generation.Value.CheckpointRoot, context.Job.Job, manifest.Step, manifest.Generation));
    }
}

/// <summary>Retires checkpoints that need not be kept: the key first, then, by what it leaves behind, the files.</summary>
internal static class RetentionDecider
{
    /// <remarks>Only while a generation runs and nothing is in doubt: otherwise an older one may be needed yet.</remarks>
    public static Change? Retire(JobContext context)
    {
        if (context.Current.State != CurrentState.Running || !context.Status.Suspects.IsEmpty)
            return null;
        var restoreFrom = context.Current.RestoreFrom is { } from ? new CheckpointName(from.Step, from.Generation) : null;
        var go = Retention.ToGo(
            context.Job.Checkpoints, context.Specification.Checkpoint.Keep, context.Submitted.BeginsAt, restoreFrom, context.Status.Suspects);
        if (go.IsEmpty)
            return null;
        var change = new Change(context.Job);
        foreach (var stored in go.Take(context.Limits.RetiredMax))
        {
            Remove(change, context.Job.Job, stored);
            change.Event(
                "retired", $"the checkpoint of step {stored.Value.Checkpoint.Step}: checkpoint.keep is {context.Specification.Checkpoint.Keep}",
                null, stored.Value.Checkpoint.Step);
        }

        return change;
    }

    /// <summary>Deletes a checkpoint's key and leaves word that its files are to go.</summary>
    public static void Remove(Change change, JobId job, Stored<CheckpointRecord> stored)
    {
        var checkpoint = stored.Value.Checkpoint;
        var key = JobKeys.Checkpoint(job, checkpoint.Step, checkpoint.Generation);
        var directory = stored.Value.ManifestPath[..stored.Value.ManifestPath.LastIndexOf('/')];
        change.Guard(Compare.ModifiedAt(key, stored.Modified))
            .Delete(key)
            .Put(
                JobKeys.Removed(job, checkpoint.Step, checkpoint.Generation),
                RecordJson.Encode(new() { Directory = directory }, RecordContext.Default.FilesToDelete));
    }
}
