using Muster.Jobs.Coordinator;
using Muster.Jobs.Records;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Requests;

/// <summary>What people ask of a job that exists, as guarded transactions. Submitting: <see cref="SubmitRequest"/>.</summary>
/// <remarks>Each takes the job as the newest listing shows it; null or removed: refused by name.</remarks>
public static class JobRequests
{
    /// <summary>Stops a job, resumably.</summary>
    /// <param name="job">As listed.</param>
    /// <param name="save">Whether state is saved first; null: as the job says.</param>
    /// <param name="grace">From the first signal to SIGKILL; null: as the job says.</param>
    public static RequestPlan Stop(JobState? job, bool? save = null, TimeSpan? grace = null) =>
        Unusable(job) ?? (JobPhases.IsSettled(Phase(job!))
            ? new RequestPlan.AlreadySo(Phase(job!), $"job {job!.Job} is {Word(job)} already")
            : Write(job!, Control(job!) with { Wish = JobWish.Stop, Save = save, Grace = grace }, $"job {job!.Job} is asked to stop"));

    /// <summary>Ends a job for good.</summary>
    /// <param name="job">As listed.</param>
    /// <param name="grace">From the first signal to SIGKILL; null: as the job says.</param>
    /// <param name="save">Whether state is saved first.</param>
    public static RequestPlan Cancel(JobState? job, TimeSpan? grace = null, bool save = false) =>
        Unusable(job) ?? (JobPhases.IsFinished(Phase(job!))
            ? new RequestPlan.AlreadySo(Phase(job!), $"job {job!.Job} is {Word(job)} already")
            : Write(job!, Control(job!) with { Wish = JobWish.Cancel, Save = save, Grace = grace }, $"job {job!.Job} is cancelled"));

    /// <summary>Lets a stopped job go on, or takes back a stop.</summary>
    public static RequestPlan Resume(JobState? job)
    {
        if (Unusable(job) is { } refused)
            return refused;
        if (JobPhases.IsFinished(Phase(job!)))
            return new RequestPlan.Refused(
                RequestRefusal.Finished, $"job {job!.Job} is {Word(job)} and cannot be resumed: run it again with --again");
        var control = Control(job!);
        if (control.Wish == JobWish.Run)
            return new RequestPlan.AlreadySo(Phase(job!), $"job {job!.Job} is to run already");
        return Write(
            job!, control with { Wish = JobWish.Run, Save = null, Grace = null, Resumptions = control.Resumptions + 1 },
            $"job {job!.Job} is resumed");
    }

    /// <summary>Asks for a checkpoint now.</summary>
    public static RequestPlan Checkpoint(JobState? job)
    {
        if (Unusable(job) is { } refused)
            return refused;
        if (JobPhases.IsSettled(Phase(job!)))
            return new RequestPlan.Refused(
                RequestRefusal.Finished, $"job {job!.Job} is {Word(job)}: only a job that runs can save");
        var control = Control(job!);
        return Write(job!, control with { CheckpointsAsked = control.CheckpointsAsked + 1 }, $"job {job!.Job} is asked for a checkpoint");
    }

    /// <summary>Deletes a job with all it keeps. Its generation numbers are never used again.</summary>
    public static RequestPlan Remove(JobState? job)
    {
        if (Unusable(job) is { } refused)
            return refused;
        if (!JobPhases.IsSettled(Phase(job!)))
            return new RequestPlan.Refused(RequestRefusal.Running, $"job {job!.Job} is {Word(job)}: cancel it first");
        var change = new Change(job!);
        change.Current = change.Current with { State = CurrentState.Removed, Reason = null, RestoreFrom = null, Committed = null };
        foreach (var checkpoint in job!.Checkpoints)
            Deciding.RetentionDecider.Remove(change, job.Job, checkpoint);
        foreach (var generation in job.Generations)
            change.Delete(JobKeys.Generation(job.Job, generation.Value.Generation))
                .Put(
                    JobKeys.Sweep(job.Job, generation.Value.Generation),
                    RecordJson.Encode(
                        new() { Directory = Checkpoints.CheckpointLayout.JobDirectory(generation.Value.CheckpointRoot, job.Job) },
                        RecordContext.Default.FilesToDelete));
        foreach (var key in (ByteString[])[JobKeys.Specification(job.Job), JobKeys.Status(job.Job), JobKeys.Control(job.Job), JobKeys.Secrets(job.Job), JobKeys.Request(job.Job)])
            change.Delete(key);
        change.Guard(Compare.ModifiedAt(JobKeys.Control(job.Job), job.Control?.Modified ?? Revision.None));
        change.Event("removed", "removed by a person");
        return new RequestPlan.Apply(change.Build(null, eventsMax: 1), $"job {job.Job} is removed");
    }

    internal static RequestPlan? Unusable(JobState? job)
    {
        if (job is null || (job.Specification is null && job.Problem is null))
            return new RequestPlan.Refused(RequestRefusal.NoSuchJob, "there is no job of that name: see muster ps");
        return job.IsWhole
            ? null
            : new RequestPlan.Refused(
                RequestRefusal.Unreadable, $"job {job.Job} cannot be read: {job.Problem ?? "its status or its current key is missing"}");
    }

    internal static JobPhase Phase(JobState job) => job.Status!.Value.Phase;

    internal static string Word(JobState job) => Phase(job).ToString().ToLowerInvariant();

    internal static ControlRecord Control(JobState job) => job.Control?.Value ?? new();

    internal static Operation PutControl(JobId job, ControlRecord control) =>
        new Operation.Put(JobKeys.Control(job), RecordJson.Encode(control, RecordContext.Default.ControlRecord));

    private static RequestPlan.Apply Write(JobState job, ControlRecord control, string text) => new(
        Transaction.When(
            [
                Compare.ModifiedAt(JobKeys.Control(job.Job), job.Control?.Modified ?? Revision.None),
                Compare.CreatedAt(JobKeys.Specification(job.Job), job.Specification!.Created),
            ],
            PutControl(job.Job, control)),
        text);
}
