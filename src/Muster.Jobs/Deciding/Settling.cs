using Muster.Jobs.Checkpoints;
using Muster.Jobs.Coordinator;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Views;

namespace Muster.Jobs.Deciding;

/// <summary>Brings a job to an end, or to a stop.</summary>
internal static class Settling
{
    /// <summary>The event's name for a settled phase.</summary>
    public static string EventName(JobPhase phase) => phase.ToString().ToLowerInvariant();

    public static Change To(JobContext context, JobPhase phase, Reason reason)
    {
        var change = new Change(context.Job);
        return To(context, change, phase, reason);
    }

    /// <summary>Settles the job in a change that may do more. A failed job keeps everything, so nothing of it is swept.</summary>
    public static Change To(JobContext context, Change change, JobPhase phase, Reason reason)
    {
        change.Status = change.Status with
        {
            Phase = phase,
            Reason = reason,
            Result = phase == JobPhase.Completed ? RestoreChoice.Newest(context.Job)?.Checkpoint : null,
        };
        if (phase is JobPhase.Completed or JobPhase.Cancelled)
            Sweep(context, change);
        return change.Event(EventName(phase), reason);
    }

    /// <summary>Notes that what the current generation left uncommitted may go; it can write no more.</summary>
    public static void Sweep(JobContext context, Change change)
    {
        if (context.Generation is not { } generation)
            return;
        var directory = CheckpointLayout.JobDirectory(generation.Value.CheckpointRoot, context.Job.Job);
        change.Put(
            JobKeys.Sweep(context.Job.Job, generation.Value.Generation),
            RecordJson.Encode(new() { Directory = directory }, RecordContext.Default.FilesToDelete));
    }
}
