using System.Collections.Immutable;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Coordinator;
using Muster.Jobs.Failures;
using Muster.Jobs.Nodes;
using Muster.Jobs.Placement;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Deciding;

/// <summary>Forms the next generation of a job that waits, or says why it still waits.</summary>
internal static class FormingDecider
{
    public static Change? Decide(JobContext context)
    {
        if (context.Control.Wish == JobWish.Cancel)
            return Settling.To(context, JobPhase.Cancelled, new(ReasonKind.CancelRequested));
        if (context.Control.Wish == JobWish.Stop)
            return Settling.To(context, JobPhase.Stopped, new(ReasonKind.StopRequested));
        if (!context.Candidate.IsEmpty)
            return null;                                 // its manifest is being written: restoreFrom must not miss it
        if (Endings.StillRuns(context) is { } older)
            return Wait(context, older);
        if (BackingOff(context) is { } pause)
            return Wait(context, pause);
        var choice = RestoreChoice.Choose(context.Job.Checkpoints, context.Submitted.BeginsAt, context.Status.Suspects);
        return choice is RestoreChoice.Nothing
            ? DoubtDecider.GiveUp(context)
            : Place(context, (choice as RestoreChoice.From)?.Checkpoint);
    }

    private static Reason? BackingOff(JobContext context)
    {
        var pause = RestartBudget.Pause(context.Specification.Restart, context.Status, context.Limits);
        if (context.Current.State != CurrentState.Closed || pause == TimeSpan.Zero)
            return null;
        var closed = context.Timers.Since(TimerKind.Closed, context.Current.Generation.Number, context.Now);
        return context.Now - closed >= pause
            ? null
            : new(ReasonKind.BackingOff) { Detail = $"it waits {pause.TotalSeconds:0.###} s after a failure: {context.Status.Restarts[^1].Reason.Text}" };
    }

    private static Change? Place(JobContext context, CheckpointReference? restoreFrom)
    {
        ImmutableArray<NodeId> previous = context.Generation is { } before ? [.. before.Value.Nodes.Select(node => node.Node)] : [];
        switch (GangPlacement.Choose(context.Job.Job, context.Specification, context.Capacity, previous))
        {
            case GangPlacement.Placed placed:
                return Settles(context, placed) is { } settling ? Wait(context, settling) : Form(context, placed.Nodes, restoreFrom);
            case GangPlacement.Waits waits:
                context.Timers.Clear(TimerKind.Settle, context.Current.Generation.Number);
                if (waits.IsPossible)
                    ReserveAll(context);
                return Wait(context, new(ReasonKind.NoRoom) { Detail = waits.Text });
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static void ReserveAll(JobContext context)
    {
        foreach (var wanted in context.Specification.Resources.Accelerators)
            context.Capacity.Reserve(wanted.Type, context.Job.Job);
    }

    private static Reason? Settles(JobContext context, GangPlacement.Placed placed)
    {
        if (placed.IsFull || context.Options.SingleNode)
            return null;
        var since = context.Timers.Since(TimerKind.Settle, context.Current.Generation.Number, context.Now, 0, placed.Nodes.Length);
        var settle = context.Specification.Gang.Settle;
        return context.Now - since >= settle
            ? null
            : new(ReasonKind.Settling) { Detail = $"{placed.Nodes.Length} of up to {context.Specification.Gang.NodesMax} nodes are there; it waits {settle.TotalSeconds:0} s for more" };
    }

    private static Change Form(JobContext context, ImmutableArray<GenerationNode> nodes, CheckpointReference? restoreFrom)
    {
        var generation = new GenerationRecord
        {
            Generation = NextNumber(context),
            Submission = context.Submitted.Submission,
            Attempt = context.Status.Attempt,
            Nodes = nodes,
            MasterPort = MasterPort(context, nodes.Length),
            CheckpointRoot = context.Specification.Checkpoint.Directory ?? context.Options.CheckpointRoot,
            RestoreFrom = restoreFrom,
            Specification = context.Specification,
        };
        var change = new Change(context.Job) { Forms = generation };
        Settling.Sweep(context, change);
        change.Current = context.Current with
        {
            Generation = generation.Generation, State = CurrentState.Running, Reason = null, RestoreFrom = restoreFrom, Committed = null,
        };
        change.Status = context.Status with { Phase = JobPhase.Starting, Reason = new(ReasonKind.Formed) };
        change.Guard(Compare.ModifiedAt(JobKeys.Specification(context.Job.Job), context.Job.Specification!.Modified));
        change.Guard(Compare.Absent(JobKeys.Generation(context.Job.Job, generation.Generation)));
        change.Put(
            JobKeys.Generation(context.Job.Job, generation.Generation),
            RecordJson.Encode(generation, RecordContext.Default.GenerationRecord));
        foreach (var old in context.Job.Generations.Take(context.Job.Generations.Length + 1 - context.Limits.GenerationsMax))
            change.Delete(JobKeys.Generation(context.Job.Job, old.Value.Generation));
        context.Capacity.Hold(generation);
        var hosts = string.Join(", ", nodes.Select(node => node.Node));
        var from = restoreFrom is null ? "from the beginning" : $"from the checkpoint of step {restoreFrom.Step}";
        return change.Event("formed", $"{generation.WorldSize()} ranks on {hosts}, {from}", null, restoreFrom?.Step);
    }

    /// <summary>Above every number that was ever seen, even if the store was restored from an older copy.</summary>
    private static Generation NextNumber(JobContext context)
    {
        var seen = context.Nodes.All
            .Select(node => context.Nodes.Facts(node, context.Job.Job)?.Generation.Number ?? 0)
            .Concat(context.Job.Checkpoints.Select(stored => stored.Value.Checkpoint.Generation.Number))
            .Append(context.Current.Generation.Number);
        return new Generation(seen.Max()).Next();
    }

    private static int MasterPort(JobContext context, int nodes) =>
        nodes == 1
            ? 0
            : context.Limits.MasterPortFirst
                + (int)(((uint)ByteString.From(context.Job.Job.Name).GetHashCode() + (ulong)context.Current.Generation.Number) % (ulong)context.Limits.MasterPorts);

    /// <summary>Stores why the job waits: at once when the kind changes, seldom when only the words do.</summary>
    private static Change? Wait(JobContext context, Reason reason)
    {
        var number = context.Current.Generation.Number;
        if (context.Status.Reason == reason || (reason.Kind is ReasonKind.OlderStillRuns or ReasonKind.BackingOff or ReasonKind.NodeUnheard && context.Now - context.Timers.Since(TimerKind.Closed, number, context.Now) < context.Limits.WaitingEvery))
            return null;
        if (context.Status.Reason.Kind == reason.Kind)
        {
            if (context.Now - context.Timers.Since(TimerKind.Waiting, number, context.Now) < context.Limits.WaitingEvery)
                return null;
            context.Timers.Clear(TimerKind.Waiting, number);
        }

        var change = new Change(context.Job);
        change.Status = context.Status with { Reason = reason };
        return change.Event("waiting", reason);
    }
}
