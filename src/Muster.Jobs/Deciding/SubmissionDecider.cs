using Muster.Jobs.Coordinator;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Views;

namespace Muster.Jobs.Deciding;

/// <summary>Takes up a new submission: a changed specification, or "again" for a job that had finished.</summary>
internal static class SubmissionDecider
{
    public static Change? Decide(JobContext context)
    {
        var (status, submitted) = (context.Status, context.Submitted);
        if (submitted.Submission <= status.Submission)
            return null;
        var change = new Change(context.Job);
        if (!JobPhases.IsFinished(status.Phase))
        {
            change.Status = status with { Submission = submitted.Submission };
            return change.Event("changed", new Reason(ReasonKind.SpecificationChanged));
        }

        change.Status = new()
        {
            Phase = JobPhase.Waiting,
            Reason = new(ReasonKind.Again),
            Submission = submitted.Submission,
            Restarts = [],
            Suspects = [],
        };
        return change.Event("resumed", new Reason(ReasonKind.Again));
    }
}

/// <summary>Follows what people want of a job that neither runs nor is to run.</summary>
internal static class SettledDecider
{
    public static Change? Decide(JobContext context)
    {
        if (context.Status.Phase != JobPhase.Stopped)
            return null;
        return context.Control.Wish switch
        {
            JobWish.Cancel => Settling.To(context, JobPhase.Cancelled, new(ReasonKind.CancelRequested)),
            JobWish.Run => Resume(context),
            _ => null,
        };
    }

    private static Change Resume(JobContext context)
    {
        var change = new Change(context.Job);
        change.Status = context.Status with
        {
            Phase = JobPhase.Waiting, Reason = new(ReasonKind.Resumed), Charged = 0, ChargedInARow = 0, FreeInARow = 0, Restarts = [],
        };
        return change.Event("resumed", change.Status.Reason);
    }
}
