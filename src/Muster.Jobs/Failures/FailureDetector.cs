using Muster.Jobs.Coordinator;
using Muster.Jobs.Nodes;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Primitives;

namespace Muster.Jobs.Failures;

/// <summary>Whether a running generation has failed, and what failed first.</summary>
internal static class FailureDetector
{
    /// <summary>The root cause as far as facts tell; null: nothing has failed.</summary>
    /// <remarks>
    /// What explains others goes first: a checkpoint that cannot be restored explains exits, an exit explains ranks that hang.
    /// Whether a failure is charged is decided once everything has ended, since a lost host shows only when its lease ends.
    /// </remarks>
    public static Reason? Find(JobContext context, GenerationRecord generation)
    {
        var reason = Superseded(context, generation)
            ?? RestoreTrouble(context, generation)
            ?? FirstExit(context, generation)
            ?? Refusal(context, generation)
            ?? KeeperLost(context, generation)
            ?? Forgot(context, generation)
            ?? NodeLost(context, generation)
            ?? HangDetector.Find(context, generation);
        return reason is null ? null : reason with { Step = reason.Step ?? context.LastKnown };
    }

    /// <summary>A host of the generation whose lease has ended for good; null: none.</summary>
    public static Reason? NodeLost(JobContext context, GenerationRecord generation) =>
        generation.Nodes
            .Where(node => context.Nodes.Standing(node.Node, context.Now) == NodeStanding.Lost)
            .Select(node => new Reason(ReasonKind.NodeLost) { Node = node.Node, Step = context.LastKnown })
            .FirstOrDefault();

    private static IEnumerable<(NodeId Node, JobFacts? Facts)> Heard(JobContext context, GenerationRecord generation) =>
        generation.Nodes
            .Where(node => context.Nodes.Snapshot(node.Node) is not null)
            .Select(node => (node.Node, context.Nodes.Facts(node.Node, context.Job.Job)));

    private static IEnumerable<(NodeId Node, JobFacts Facts)> OfGeneration(JobContext context, GenerationRecord generation) =>
        Heard(context, generation)
            .Where(entry => entry.Facts?.Generation == generation.Generation)
            .Select(entry => (entry.Node, entry.Facts!));

    private static Reason? Superseded(JobContext context, GenerationRecord generation) =>
        Heard(context, generation)
            .Where(entry => entry.Facts?.Generation.Number > generation.Generation.Number)
            .Select(entry => new Reason(ReasonKind.Superseded) { Node = entry.Node, Detail = $"it knows generation {entry.Facts!.Generation}" })
            .FirstOrDefault();

    private static Reason? RestoreTrouble(JobContext context, GenerationRecord generation)
    {
        if (generation.RestoreFrom is not { } checkpoint)
            return null;
        return OfGeneration(context, generation)
            .SelectMany(entry => entry.Facts.Ranks.Select(rank => (entry.Node, Rank: rank)))
            .Where(entry => entry.Rank.RestoreTrouble is not null)
            .OrderByDescending(entry => entry.Rank.RestoreTrouble!.Damaged)
            .ThenBy(entry => entry.Rank.Rank)
            .Select(entry => new Reason(entry.Rank.RestoreTrouble!.Damaged ? ReasonKind.CheckpointDamaged : ReasonKind.RestoreFailed)
            {
                Rank = entry.Rank.Rank,
                Node = entry.Node,
                Step = checkpoint.Step,
                Detail = entry.Rank.RestoreTrouble.Detail,
            })
            .FirstOrDefault();
    }

    private static Reason? FirstExit(JobContext context, GenerationRecord generation) =>
        OfGeneration(context, generation)
            .SelectMany(entry => entry.Facts.Ranks.Select(rank => (entry.Node, Rank: rank)))
            .Where(entry => entry.Rank.Exit is { IsSuccess: false })
            .OrderBy(entry => entry.Rank.Exit!.Asked)
            .ThenBy(entry => entry.Rank.Exit!.Order)
            .ThenBy(entry => entry.Rank.Rank)
            .Select(entry => Exited(entry.Node, entry.Rank, entry.Rank.Exit!))
            .FirstOrDefault();

    private static Reason Exited(NodeId node, RankFacts rank, RankExit exit) =>
        new(exit.Asked ? ReasonKind.RankStoppedByNode : ReasonKind.RankExited)
        {
            Rank = rank.Rank,
            Node = node,
            Step = rank.Step,
            Code = exit.Code,
            Signal = exit.Signal,
            Detail = exit.Detail,
        };

    private static Reason? Refusal(JobContext context, GenerationRecord generation) =>
        OfGeneration(context, generation)
            .Where(entry => entry.Facts.Refusal is not null)
            .Select(entry => new Reason(ReasonKind.NodeRefused) { Node = entry.Node, Detail = entry.Facts.Refusal })
            .FirstOrDefault();

    private static Reason? KeeperLost(JobContext context, GenerationRecord generation) =>
        OfGeneration(context, generation)
            .Where(entry => (entry.Facts.KeeperLost || entry.Facts.Phase == NodePhase.Ended)
                && !HasAllExits(generation, entry.Node, entry.Facts))
            .Select(entry => new Reason(ReasonKind.KeeperLost) { Node = entry.Node })
            .FirstOrDefault();

    private static bool HasAllExits(GenerationRecord generation, NodeId node, JobFacts facts) =>
        facts.Ranks.Count(rank => rank.Exit is not null) == generation.Nodes.First(part => part.Node == node).Ranks;

    private static Reason? Forgot(JobContext context, GenerationRecord generation)
    {
        var number = generation.Generation.Number;
        for (var part = 0; part < generation.Nodes.Length; part++)
        {
            var node = generation.Nodes[part].Node;
            if (context.Nodes.Snapshot(node) is null)
                continue;
            if (context.Nodes.Facts(node, context.Job.Job)?.Generation == generation.Generation)
                context.Timers.Since(TimerKind.NodeKnew, number, context.Now, part);
            else if (context.Timers.Has(TimerKind.NodeKnew, number, part))
                return new(ReasonKind.NodeForgot) { Node = node };
        }

        return null;
    }
}
