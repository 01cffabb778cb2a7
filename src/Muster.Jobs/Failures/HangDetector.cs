using Muster.Jobs.Coordinator;
using Muster.Jobs.Nodes;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Primitives;

namespace Muster.Jobs.Failures;

/// <summary>Whether ranks of a running generation have stopped stepping, or never began.</summary>
/// <remarks>
/// Both clocks must have run out: the node's (time since progress) and this leader's own since it first saw the rank there.
/// So a new leader begins in full, and neither an old snapshot nor a pause of the store is taken for a hang.
/// </remarks>
internal static class HangDetector
{
    public static Reason? Find(JobContext context, GenerationRecord generation)
    {
        // What waits for us hangs the ranks that wait for it in a collective: then nobody's clock runs.
        if (OursIsPending(context))
        {
            foreach (var rank in context.Ranks)
                context.Timers.Clear(TimerKind.Rank, generation.Generation.Number, rank.Rank.Number);
            return null;
        }

        return Hung(context, generation) ?? NotStarted(context, generation) ?? NodeNotStarted(context, generation);
    }

    private static bool OursIsPending(JobContext context) =>
        context.Demand is { State: DemandState.Proposed } || !context.Candidate.IsEmpty;

    private static Reason? Hung(JobContext context, GenerationRecord generation)
    {
        var after = generation.Specification.Liveness.HangAfter;
        RankFacts? worst = null;
        foreach (var rank in context.Ranks)
        {
            if (rank.Phase is RankPhase.Waiting or RankPhase.Exited || rank.Step is not { } step)
            {
                context.Timers.Clear(TimerKind.Rank, generation.Generation.Number, rank.Rank.Number);
                continue;
            }

            var since = context.Timers.Since(
                TimerKind.Rank, generation.Generation.Number, context.Now, rank.Rank.Number, step.Number);
            var isHung = context.Now - since >= after && rank.SinceProgress >= after;
            if (isHung && (worst is null || step < worst.Step))
                worst = rank;
        }

        return worst is null
            ? null
            : new(ReasonKind.RankHung)
            {
                Rank = worst.Rank,
                Node = NodeOf(generation, worst),
                Step = worst.Step,
                Detail = $"none for {worst.SinceProgress.TotalSeconds:0} s, hangAfter is {after.TotalSeconds:0} s",
            };
    }

    private static Reason? NotStarted(JobContext context, GenerationRecord generation)
    {
        var after = generation.Specification.Liveness.StartAfter;
        var someJoined = context.Ranks.Any(rank => rank.Step is not null || rank.Phase is not (RankPhase.Pending or RankPhase.Started or RankPhase.Exited));
        foreach (var rank in context.Ranks)
        {
            var waits = rank.Step is null && rank.Exit is null
                && (rank.Phase == RankPhase.Pending || (someJoined && rank.Phase is RankPhase.Started or RankPhase.Joined));
            if (!waits)
            {
                context.Timers.Clear(TimerKind.RankStart, generation.Generation.Number, rank.Rank.Number);
                continue;
            }

            var since = context.Timers.Since(TimerKind.RankStart, generation.Generation.Number, context.Now, rank.Rank.Number);
            if (context.Now - since >= after && (rank.Phase == RankPhase.Pending || rank.SinceProgress >= after))
                return new(ReasonKind.StartTimeout)
                {
                    Rank = rank.Rank,
                    Node = NodeOf(generation, rank),
                    Detail = $"startAfter is {after.TotalSeconds:0} s",
                };
        }

        return null;
    }

    private static Reason? NodeNotStarted(JobContext context, GenerationRecord generation)
    {
        var after = generation.Specification.Liveness.StartAfter;
        for (var part = 0; part < generation.Nodes.Length; part++)
        {
            var node = generation.Nodes[part].Node;
            var facts = context.Nodes.Facts(node, context.Job.Job);
            var hasBegun = facts?.Generation == generation.Generation && facts.Phase != NodePhase.Starting;
            if (hasBegun || context.Nodes.Snapshot(node) is null)
                context.Timers.Clear(TimerKind.NodeStart, generation.Generation.Number, part);
            else if (context.Now - context.Timers.Since(TimerKind.NodeStart, generation.Generation.Number, context.Now, part) >= after)
                return new(ReasonKind.StartTimeout) { Node = node, Detail = $"startAfter is {after.TotalSeconds:0} s" };
        }

        return null;
    }

    private static NodeId? NodeOf(GenerationRecord generation, RankFacts rank) =>
        generation.Nodes
            .Where(node => rank.Rank.Number >= node.FirstRank.Number && rank.Rank.Number < node.FirstRank.Number + node.Ranks)
            .Select(node => (NodeId?)node.Node)
            .FirstOrDefault();
}
