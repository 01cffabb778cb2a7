using Muster.Jobs.Checkpoints;
using Muster.Jobs.Coordinator;
using Muster.Jobs.Deciding;
using Muster.Jobs.Records;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Requests;

/// <summary>What people ask of a committed checkpoint.</summary>
public static class CheckpointRequests
{
    /// <summary>Keeps a checkpoint until it is unpinned, or lets retention have it again.</summary>
    public static RequestPlan Pin(JobState? job, TrainingStep step, Generation? generation, bool pinned)
    {
        if (Find(job, step, generation, out var stored) is { } refused)
            return refused;
        var name = Name(stored!);
        if (stored!.Value.Pinned == pinned)
            return new RequestPlan.AlreadySo(JobRequests.Phase(job!), $"checkpoint {name} is {(pinned ? "pinned" : "not pinned")} already");
        var key = JobKeys.Checkpoint(job!.Job, stored.Value.Checkpoint.Step, stored.Value.Checkpoint.Generation);
        var put = new Operation.Put(
            key, RecordJson.Encode(stored.Value with { Pinned = pinned }, RecordContext.Default.CheckpointRecord));
        return new RequestPlan.Apply(
            Transaction.When([Compare.ModifiedAt(key, stored.Modified)], put), $"checkpoint {name} is {(pinned ? "pinned" : "unpinned")}");
    }

    /// <summary>Deletes a checkpoint, unless it is needed.</summary>
    /// <param name="job">Whose.</param>
    /// <param name="step">Its step.</param>
    /// <param name="generation">Who wrote it; null: the newest of the step.</param>
    /// <param name="force">Also when it is a completed job's result.</param>
    public static RequestPlan Remove(JobState? job, TrainingStep step, Generation? generation, bool force)
    {
        if (Find(job, step, generation, out var stored) is { } refused)
            return refused;
        if (Needed(job!, stored!.Value, force) is { } why)
            return new RequestPlan.Refused(RequestRefusal.Needed, $"checkpoint {Name(stored)} of job {job!.Job} stays: {why}");
        var change = new Change(job!);
        RetentionDecider.Remove(change, job!.Job, stored);
        if (IsResult(job, stored.Value))
            change.Status = change.Status with { Result = null };
        change.Event("removed", $"the checkpoint of step {step} was removed by a person", null, step);
        return new RequestPlan.Apply(change.Build(null, new CoordinatorLimits().EventsMax), $"checkpoint {Name(stored)} is removed");
    }

    private static string? Needed(JobState job, CheckpointRecord checkpoint, bool force)
    {
        if (checkpoint.Pinned)
            return "it is pinned; unpin it first";
        var isCurrent = job.Current!.Value.RestoreFrom is { } from && from.Step == checkpoint.Checkpoint.Step
            && from.Generation == checkpoint.Checkpoint.Generation;
        if (isCurrent && !JobPhases.IsSettled(JobRequests.Phase(job)))
            return "the current generation resumes from it";
        if (IsResult(job, checkpoint))
            return force ? null : "it is the result of the completed job; copy it first if you want it, then remove it with --force";
        var others = job.Checkpoints.Count(stored => stored.Value.Name() != checkpoint.Name() && stored.Value.Quarantine is null);
        return others == 0 ? "it is the only one that can be restored; remove the job to remove all" : null;
    }

    private static bool IsResult(JobState job, CheckpointRecord checkpoint) =>
        job.Status?.Value.Result is { } result && result.Step == checkpoint.Checkpoint.Step && result.Generation == checkpoint.Checkpoint.Generation;

    private static RequestPlan? Find(JobState? job, TrainingStep step, Generation? generation, out Stored<CheckpointRecord>? stored)
    {
        stored = null;
        if (JobRequests.Unusable(job) is { } refused)
            return refused;
        stored = RestoreChoice.NewestFirst(job!.Checkpoints, job.Specification!.Value.BeginsAt)
            .FirstOrDefault(candidate => candidate.Value.Checkpoint.Step == step
                && (generation is null || candidate.Value.Checkpoint.Generation == generation));
        return stored is null
            ? new RequestPlan.Refused(
                RequestRefusal.NoSuchCheckpoint, $"job {job.Job} has no committed checkpoint of step {step}: see muster ckpt list")
            : null;
    }

    private static string Name(Stored<CheckpointRecord> stored) => $"{stored.Value.Checkpoint.Step}.{stored.Value.Checkpoint.Generation}";
}
