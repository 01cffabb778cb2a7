using Muster.Jobs.Coordinator;
using Muster.Jobs.Failures;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Deciding;

/// <summary>Decides what follows a closed generation once nothing of it runs: an end, a stop, or another start.</summary>
internal static class OutcomeDecider
{
    private static readonly TimeSpan s_longEnough = TimeSpan.FromMinutes(1);

    public static Change? Decide(JobContext context)
    {
        if (Endings.StillRuns(context) is not null || !context.Candidate.IsEmpty)
            return null;
        var reason = RootCause(context);
        return reason.Kind switch
        {
            ReasonKind.AllExitedWell => Settle(context, JobPhase.Completed, reason),
            ReasonKind.CancelRequested => Settle(context, JobPhase.Cancelled, reason),
            ReasonKind.StopRequested => Settle(context, JobPhase.Stopped, reason),
            ReasonKind.RuntimeExceeded => Settle(context, JobPhase.Failed, reason),
            _ => AfterFailure(context, reason),
        };
    }

    /// <summary>A host that was lost explains why the others' ranks failed: their exits came first only because its lease had to end.</summary>
    private static Reason RootCause(JobContext context)
    {
        var reason = context.Current.Reason ?? new(ReasonKind.NodeLost);
        if (reason.Kind == ReasonKind.AllExitedWell)
            return UnsavedDecider.Judge(context, reason) ?? reason;
        if (!reason.IsCharged || context.Generation is not { } generation)
            return reason;
        return FailureDetector.NodeLost(context, generation.Value) is { } lost && lost.Node != reason.Node
            ? lost with { Step = reason.Step, Detail = reason.Text }
            : reason;
    }

    private static Change Settle(JobContext context, JobPhase phase, Reason reason)
    {
        var change = new Change(context.Job);
        change.Status = context.Status with { Ran = context.Status.Ran + context.Seen };
        return Settling.To(context, change, phase, reason);
    }

    private static Change AfterFailure(JobContext context, Reason reason)
    {
        var change = new Change(context.Job);
        var status = change.Status = Charge(context, reason);
        if (context.Control.Wish == JobWish.Cancel)
            return Settling.To(context, change, JobPhase.Cancelled, new(ReasonKind.CancelRequested));
        if (context.Control.Wish == JobWish.Stop)
            return Settling.To(context, change, JobPhase.Stopped, new(ReasonKind.StopRequested));
        if (reason.IsCharged && RestartBudget.IsSpent(context.Specification.Restart, status.Charged))
            return Settling.To(
                context, change, JobPhase.Failed,
                reason with { Kind = ReasonKind.BudgetSpent, Detail = $"restart.max is {context.Specification.Restart.Max}, and {reason.Text}" });
        change.Status = status with { Phase = JobPhase.Waiting, Reason = reason };
        var pause = RestartBudget.Pause(context.Specification.Restart, status, context.Limits);
        var charge = reason.IsCharged ? $"charged, {context.Specification.Restart.Max - status.Charged} restarts left" : "not charged";
        return change.Event(
            "restarting", $"{reason.Text}; {charge}; the next start waits {pause.TotalSeconds:0.###} s", reason.Rank, reason.Step);
    }

    private static StatusRecord Charge(JobContext context, Reason reason)
    {
        var status = context.Status;
        var restarts = status.Restarts.Add(new(context.Current.Generation, reason));
        if (restarts.Length > context.Limits.RestartsMax)
            restarts = restarts.RemoveRange(0, restarts.Length - context.Limits.RestartsMax);
        return status with
        {
            Restarts = restarts,
            Ran = status.Ran + context.Seen,
            Attempt = reason.IsCharged ? status.Attempt.Next() : status.Attempt,
            Charged = reason.IsCharged ? status.Charged + 1 : status.Charged,
            ChargedInARow = reason.IsCharged
                ? RestartBudget.InARow(context.Specification.Restart, status.ChargedInARow, context.Seen)
                : status.ChargedInARow,
            FreeInARow = reason.IsCharged ? 0 : MadeProgress(context) ? 1 : status.FreeInARow + 1,
        };
    }

    private static bool MadeProgress(JobContext context) =>
        context.Furthest is { } step ? step > (context.Current.RestoreFrom?.Step ?? default) : context.Seen >= s_longEnough;
}

/// <summary>Whether anything of a job's older generations still runs, as far as may be concluded.</summary>
internal static class Endings
{
    /// <summary>Why the next generation may not be formed yet; null: nothing of an older one runs.</summary>
    public static Reason? StillRuns(JobContext context)
    {
        var job = context.Job;
        var holders = job.Generations.SelectMany(generation => generation.Value.Nodes).Select(part => part.Node).ToHashSet();
        foreach (var node in context.Nodes.All)
        {
            if (MayRun(context, node, holders.Contains(node)) is { } reason)
                return reason;
        }

        return null;
    }

    private static Reason? MayRun(JobContext context, NodeId node, bool isHolder)
    {
        switch (context.Nodes.Standing(node, context.Now))
        {
            case NodeStanding.Unheard:
                return isHolder ? new(ReasonKind.NodeUnheard) { Node = node, Detail = $"node {node}" } : null;
            case NodeStanding.Lost:
                var allowed = IsolationAllowance(context);
                return isHolder && context.Nodes.Silence(node, context.Now) < allowed
                    ? new(ReasonKind.OlderStillRuns) { Node = node, Detail = $"node {node} is lost and may go on for {allowed.TotalSeconds:0} s" }
                    : null;
            default:
                return Reported(context, node);
        }
    }

    private static Reason? Reported(JobContext context, NodeId node)
    {
        if (context.Nodes.Facts(node, context.Job.Job) is { } facts)
            return facts.Phase == Nodes.NodePhase.Ended
                ? null
                : new(ReasonKind.OlderStillRuns) { Node = node, Detail = $"generation {facts.Generation} still runs on node {node}" };
        var isOfCurrent = context.Generation?.Value.Nodes.Any(part => part.Node == node) ?? false;
        if (!isOfCurrent || JobPhases.IsSettled(context.Status.Phase))
            return null;

        // It may have been told to start and not have said so yet: silence must outlast what is under way.
        var closed = context.Timers.Since(TimerKind.Closed, context.Current.Generation.Number, context.Now);
        return context.Nodes.HeardAt(node) >= closed + context.Limits.AbsentFor
            ? null
            : new(ReasonKind.OlderStillRuns) { Node = node, Detail = $"node {node} has not yet said that nothing runs" };
    }

    /// <summary>How long a host without a lease may go on: until its agent stops its ranks, where the job wants that.</summary>
    private static TimeSpan IsolationAllowance(JobContext context)
    {
        var specification = context.Generation?.Value.Specification ?? context.Specification;
        return specification.Liveness.Isolated == Specification.OnIsolation.Continue
            ? TimeSpan.Zero
            : (specification.Liveness.IsolatedAfter * (1 + context.Limits.DriftMax)) + specification.Stop.Grace;
    }
}
