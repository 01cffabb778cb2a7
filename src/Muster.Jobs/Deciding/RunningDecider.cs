using Muster.Jobs.Coordinator;
using Muster.Jobs.Demand;
using Muster.Jobs.Failures;
using Muster.Jobs.Nodes;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Specification;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Deciding;

/// <summary>Decides about a generation that is to run: has it failed, is it done, is it to end, is it to save.</summary>
internal static class RunningDecider
{
    public static Change? Decide(JobContext context, GenerationRecord generation)
    {
        if (context.Control is { Wish: JobWish.Cancel, Save: not true })
            return Close(context, new(ReasonKind.CancelRequested));
        if (FailureDetector.Find(context, generation) is { } failure)
            return Close(context, failure);
        var ending = Ending(context, generation);
        if (AllExited(context, generation))
            return context.Candidate.IsEmpty ? Close(context, EndedWell(context, ending)) : null;
        return DoubtDecider.Confirm(context)
            ?? (ending is { } wish ? DemandProtocol.End(context, generation, wish.Reason, wish.Save) : DemandProtocol.Serve(context, generation))
            ?? Started(context, generation)
            ?? ResetBudget(context, generation);
    }

    /// <summary>Closes the generation: from now on its ranks are to end, and it stays the newest until the next is formed.</summary>
    public static Change Close(JobContext context, Reason reason)
    {
        var change = new Change(context.Job);
        change.Current = context.Current with { State = CurrentState.Closed, Reason = reason, Generation = HighestSeen(context) };
        change.Status = context.Status with { Phase = JobPhase.Stopping, Reason = reason };
        change.Event("closed", reason);
        DoubtDecider.Doubt(context, change, reason);
        return change;
    }

    /// <summary>A store restored from an older copy catches up with what its nodes have started, so that no number comes twice.</summary>
    private static Generation HighestSeen(JobContext context) =>
        new(context.Nodes.All
            .Select(node => context.Nodes.Facts(node, context.Job.Job)?.Generation.Number ?? 0)
            .Append(context.Current.Generation.Number)
            .Max());

    /// <summary>Why the generation is to end although nothing failed, and whether state is saved first; null: it is to run.</summary>
    private static (Reason Reason, bool Save)? Ending(JobContext context, GenerationRecord generation)
    {
        var saves = generation.Specification.Checkpoint.OnStop == OnStop.Save;
        if (context.Control.Wish == JobWish.Cancel)
            return (new(ReasonKind.CancelRequested), true);
        if (context.Control.Wish == JobWish.Stop)
            return (new(ReasonKind.StopRequested), context.Control.Save ?? saves);
        if (context.Submitted.Submission > generation.Submission)
            return (new(ReasonKind.SpecificationChanged), saves);
        if (generation.Specification.RuntimeMax is { } longest && context.Status.Ran + context.Seen >= longest)
            return (new(ReasonKind.RuntimeExceeded) { Detail = $"{longest.TotalSeconds:0} s" }, saves);
        return null;
    }

    private static bool AllExited(JobContext context, GenerationRecord generation) =>
        context.Ranks.Count(rank => rank.Exit is { IsSuccess: true }) == generation.WorldSize();

    /// <summary>Ranks that end because they were asked to have not completed, unless they had no step left to do.</summary>
    private static Reason EndedWell(JobContext context, (Reason Reason, bool Save)? ending)
    {
        var wereAsked = context.Demand is { Ends: true, State: DemandState.Confirmed or DemandState.Done };
        var areThrough = context.Ranks.All(rank => rank.StepsTotal is { } total && rank.Step?.Number >= total);
        return wereAsked && !areThrough
            ? ending?.Reason ?? new(ReasonKind.StopRequested)
            : new(ReasonKind.AllExitedWell) { Step = context.Furthest };
    }

    private static Change? Started(JobContext context, GenerationRecord generation)
    {
        if (context.Status.Phase != JobPhase.Starting || context.Ranks.Count(rank => rank.Phase != RankPhase.Pending) < generation.WorldSize())
            return null;
        var change = new Change(context.Job);
        change.Status = context.Status with { Phase = JobPhase.Running, Reason = new(ReasonKind.Started) };
        return change.Event("running", change.Status.Reason);
    }

    private static Change? ResetBudget(JobContext context, GenerationRecord generation)
    {
        if (context.Status.Phase != JobPhase.Running)
            return null;
        var since = context.Timers.Since(TimerKind.Running, context.Current.Generation.Number, context.Now);
        if (context.Status.Charged == 0 || context.Now - since < generation.Specification.Restart.ResetAfter)
            return null;
        var change = new Change(context.Job);
        change.Status = context.Status with { Charged = 0, ChargedInARow = 0, FreeInARow = 0 };
        return change.Event("budget-reset", new Reason(ReasonKind.BudgetReset));
    }
}
