using Muster.Jobs.Coordinator;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Primitives;

namespace Muster.Jobs.Deciding;

/// <summary>Which checkpoints are not to be used any more.</summary>
/// <remarks>
/// Damage is certain and quarantines at once. That a program cannot load good bytes may be the program's fault: the checkpoint is
/// passed over, and quarantined only after an older one has been restored and has stepped.
/// </remarks>
internal static class DoubtDecider
{
    /// <summary>Adds to a closing what it says about the checkpoint that was to be restored.</summary>
    public static void Doubt(JobContext context, Change change, Reason reason)
    {
        if (context.Current.RestoreFrom is not { } checkpoint)
            return;
        var name = new CheckpointName(checkpoint.Step, checkpoint.Generation);
        if (reason.Kind == ReasonKind.CheckpointDamaged)
            Quarantine(context, change, name, new(true, reason.Detail ?? "its bytes do not match their digests"));
        if (reason.Kind == ReasonKind.RestoreFailed && !change.Status.Suspects.Any(suspect => suspect.Checkpoint == name))
        {
            change.Status = change.Status with { Suspects = change.Status.Suspects.Add(new(name, reason.Detail ?? "the program could not load it")) };
            change.Event("suspected", $"checkpoint {name.Step} of generation {name.Generation} is passed over: an older one is tried first", null, name.Step);
        }
    }

    /// <summary>An older checkpoint was restored and has stepped: what was passed over is bad indeed.</summary>
    public static Change? Confirm(JobContext context)
    {
        if (context.Status.Suspects.IsEmpty || context.Current.RestoreFrom is null || !context.Ranks.Any(rank => rank.SteppedAfterRestore))
            return null;
        var change = new Change(context.Job);
        foreach (var suspect in context.Status.Suspects)
            Quarantine(context, change, suspect.Checkpoint, new(false, suspect.Why));
        change.Status = context.Status with { Suspects = [] };
        return change.Event("restored", $"the older checkpoint {context.Current.RestoreFrom.Step} was restored and stepped", null, context.Current.RestoreFrom.Step);
    }

    /// <summary>None restores: every quarantine is lifted and the job fails with everything kept.</summary>
    public static Change GiveUp(JobContext context)
    {
        var change = new Change(context.Job);
        foreach (var stored in context.Job.Checkpoints.Where(stored => stored.Value.Quarantine is not null))
        {
            Write(context, change, stored with { Value = stored.Value with { Quarantine = null } });
            change.Event("lifted", $"checkpoint {stored.Value.Checkpoint.Step} is no longer quarantined, since none restores", null, stored.Value.Checkpoint.Step);
        }

        change.Status = context.Status with { Suspects = [] };
        return Settling.To(context, change, Views.JobPhase.Failed, new(ReasonKind.NothingRestores));
    }

    private static void Quarantine(JobContext context, Change change, CheckpointName name, Quarantine why)
    {
        var stored = context.Job.Checkpoints.FirstOrDefault(stored => stored.Value.Name() == name);
        if (stored is null || stored.Value.Quarantine is not null)
            return;
        Write(context, change, stored with { Value = stored.Value with { Quarantine = why } });
        change.Event("quarantined", $"checkpoint {name.Step} of generation {name.Generation} is not used any more: {why.Why}", null, name.Step);
    }

    private static void Write(JobContext context, Change change, Stored<CheckpointRecord> stored)
    {
        var key = JobKeys.Checkpoint(context.Job.Job, stored.Value.Checkpoint.Step, stored.Value.Checkpoint.Generation);
        change.Guard(Compare.ModifiedAt(key, stored.Modified))
            .Put(key, RecordJson.Encode(stored.Value, RecordContext.Default.CheckpointRecord));
    }
}
