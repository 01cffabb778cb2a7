using Muster.Jobs.Coordinator;
using Muster.Jobs.Deciding;
using Muster.Jobs.Nodes;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Primitives;

namespace Muster.Jobs.Demand;

/// <summary>Checkpoints on demand: all ranks promise one step, or none saves there.</summary>
/// <remarks>
/// Each state is stored before a rank hears of it, so a coordinator that takes over goes on where the last one stopped: a rank
/// that was told "confirmed" is never told otherwise.
/// </remarks>
internal static class DemandProtocol
{
    /// <summary>Ends the generation at one saved step, or at once where that cannot be.</summary>
    public static Change? End(JobContext context, GenerationRecord generation, Reason reason, bool save)
    {
        var demand = context.Demand;
        if (demand is { State: DemandState.Proposed })
            return Answered(context, demand);
        if (demand is { State: DemandState.Confirmed })
            return Confirmed(context, demand);
        if (demand is { Ends: true, State: DemandState.Done })
            return Outstayed(context, generation, reason);
        var gaveUp = demand is { Ends: true, State: DemandState.Cancelled };
        return save && !gaveUp && CanSave(context, generation)
            ? Propose(context, Served(context.Job), ends: true, 1, FirstMargin(context)) ?? RunningDecider.Close(context, reason)
            : RunningDecider.Close(context, reason);
    }

    /// <summary>Serves a checkpoint that a person asked for, and brings one under way to its end.</summary>
    public static Change? Serve(JobContext context, GenerationRecord generation)
    {
        switch (context.Demand)
        {
            case { State: DemandState.Proposed, Ends: true } withdrawn:
                return Cancel(context, withdrawn, "it is not to end any more");
            case { State: DemandState.Proposed } open:
                return Answered(context, open);
            case { State: DemandState.Confirmed } promised:
                return Confirmed(context, promised);
            default:
                return context.Control.CheckpointsAsked > Served(context.Job) && CanSave(context, generation)
                    ? Propose(context, context.Control.CheckpointsAsked, ends: false, 1, FirstMargin(context))
                    : null;
        }
    }

    /// <summary>How many of the checkpoints asked for need nothing more.</summary>
    public static long Served(JobState job) => job.Demand?.Value switch
    {
        null => 0,
        { State: DemandState.Done or DemandState.Cancelled } demand => demand.Serves,
        var demand => demand.Served,
    };

    /// <summary>A program that never joined, or a rank that has ended, cannot save; before the first step there is nothing to.</summary>
    private static bool CanSave(JobContext context, GenerationRecord generation) =>
        context.Furthest is not null
        && context.Ranks.Count(rank => rank.Exit is null
            && rank.Phase is RankPhase.Joined or RankPhase.Stepping or RankPhase.Saving or RankPhase.Waiting) == generation.WorldSize();

    private static long FirstMargin(JobContext context)
    {
        var perSecond = context.Ranks.Select(rank => rank.StepsPerSecond).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        return Math.Max(context.Limits.MarginMin, (long)Math.Ceiling(Math.Min(perSecond * context.Limits.MarginSeconds, 1e12)));
    }

    private static Change? Propose(JobContext context, long serves, bool ends, int proposals, long margin)
    {
        var furthest = Math.Max(
            context.Furthest?.Number ?? 0, context.Ranks.Select(rank => rank.Answer?.At.Number ?? 0).DefaultIfEmpty(0).Max());
        var total = context.Ranks.Select(rank => rank.StepsTotal ?? long.MaxValue).DefaultIfEmpty(long.MaxValue).Min();
        if (furthest >= total)
            return null;                                 // it is at its end, and saves there anyway
        var step = new TrainingStep(Math.Min(furthest + margin, total));
        var demand = new DemandRecord
        {
            Id = (context.Job.Demand?.Value.Id ?? 0) + 1,
            Generation = context.Current.Generation,
            Step = step,
            Ends = ends,
            State = DemandState.Proposed,
            Margin = margin,
            Proposals = proposals,
            Serves = serves,
            Served = Served(context.Job),
        };
        return Store(context, demand)
            .Event("checkpoint-proposed", $"all ranks are asked to save at step {step}{(ends ? " and to end after it" : "")}", null, step);
    }

    private static Change? Answered(JobContext context, DemandRecord demand)
    {
        var answers = context.Ranks.Select(rank => rank.Answer is { } answer && answer.Request == demand.Id ? answer : null).ToList();
        if (context.Ranks.FirstOrDefault(rank => rank.Exit is not null) is { } gone)
            return Cancel(context, demand, $"rank {gone.Rank} has ended");
        if (answers.Count == context.Generation!.Value.WorldSize() && answers.TrueForAll(answer => answer is { Promised: true }))
            return Store(context, demand with { State = DemandState.Confirmed })
                .Event("checkpoint-confirmed", $"all ranks save at step {demand.Step}", null, demand.Step);
        var since = context.Timers.Since(TimerKind.Proposal, demand.Id, context.Now);
        var isLate = context.Now - since >= context.Limits.AnswerTime;
        var isRefused = answers.Exists(answer => answer is { Promised: false });
        if (!isRefused && !isLate)
            return null;
        if (demand.Proposals >= context.Limits.ProposalsMax)
            return Cancel(context, demand, $"{demand.Proposals} proposals were not accepted by all ranks");
        return Propose(context, demand.Serves, demand.Ends, demand.Proposals + 1, demand.Margin * 2)
            ?? Cancel(context, demand, "the program is at its end and saves there");
    }

    /// <summary>A promised checkpoint ends by its commit; otherwise only when a rank could not write it.</summary>
    private static Change? Confirmed(JobContext context, DemandRecord demand) =>
        context.Ranks.FirstOrDefault(rank => rank.SaveTrouble is not null && rank.Step >= demand.Step && !demand.Ends) is { } failed
            && context.Candidate.IsEmpty
            ? Cancel(context, demand, $"rank {failed.Rank} could not write it: {failed.SaveTrouble}")
            : null;

    /// <summary>Ranks that saved for a stop and do not end by themselves are signalled.</summary>
    private static Change? Outstayed(JobContext context, GenerationRecord generation, Reason reason)
    {
        var since = context.Timers.Since(TimerKind.Saved, context.Current.Generation.Number, context.Now);
        var grace = context.Control.Grace ?? generation.Specification.Stop.Grace;
        return context.Now - since >= grace ? RunningDecider.Close(context, reason) : null;
    }

    private static Change Cancel(JobContext context, DemandRecord demand, string why) =>
        Store(context, demand with { State = DemandState.Cancelled })
            .Event("checkpoint-cancelled", $"no checkpoint on demand at step {demand.Step}: {why}", null, demand.Step);

    private static Change Store(JobContext context, DemandRecord demand) =>
        new Change(context.Job).Put(JobKeys.Request(context.Job.Job), RecordJson.Encode(demand, RecordContext.Default.DemandRecord));
}
