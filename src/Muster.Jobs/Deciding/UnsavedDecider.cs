using Muster.Jobs.Coordinator;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;

namespace Muster.Jobs.Deciding;

/// <summary>Follows checkpoints that a rank could not save, on a full disk as a rule: they are told, and never taken for a result.</summary>
internal static class UnsavedDecider
{
    /// <summary>Tells of a checkpoint that does not exist, once for each step: one rank of many is named.</summary>
    public static Change? Tell(JobContext context)
    {
        if (!context.MayCommit || context.Unsaved is not { } reason)
            return null;
        var name = new CheckpointName(reason.Step!.Value, context.Current.Generation);
        if (context.Status.Unsaved is { } told && told.Generation == name.Generation && told.Step >= name.Step)
            return null;
        var change = new Change(context.Job);
        change.Status = context.Status with { Unsaved = name };
        return change.Event("not-saved", reason);
    }

    /// <summary>Why ranks that all ended well leave no result, or how the result falls short; null: nothing is wanting.</summary>
    /// <remarks>A checkpoint is due after the last step: without it what the job was run for does not exist, and it is done again.</remarks>
    public static Reason? Judge(JobContext context, Reason endedWell)
    {
        if (context.Unsaved is { } unsaved)
            return unsaved.Step >= context.Furthest
                ? unsaved with { Kind = ReasonKind.ResultNotSaved }
                : endedWell with { Detail = $"the checkpoint of step {unsaved.Step} could not be saved and none followed" };
        return LostWhileSaving(context) ? new(ReasonKind.KeeperLost) { Node = Losers(context).First().Node, Step = context.Furthest } : null;
    }

    /// <summary>A keeper died before it could say that nothing was left to save, and the last step of a job that saves was not saved.</summary>
    private static bool LostWhileSaving(JobContext context) =>
        Losers(context).Any()
        && (context.Current.Committed ?? context.Current.RestoreFrom?.Step) is { } saved && context.Furthest > saved;

    private static IEnumerable<GenerationNode> Losers(JobContext context) =>
        context.Generation!.Value.Nodes.Where(part => context.Nodes.Facts(part.Node, context.Job.Job) is { KeeperLost: true } facts
            && facts.Generation == context.Current.Generation);
}
