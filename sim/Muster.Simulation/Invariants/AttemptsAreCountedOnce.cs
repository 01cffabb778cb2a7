using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>The failure of a generation is charged once, and only what user code did is charged.</summary>
/// <remarks>Source: RELIABILITY §3, Jobs: a job's attempts are counted once. The naive oracle counts closed generations.</remarks>
internal sealed class AttemptsAreCountedOnce(ClusterRun run) : ClusterInvariant(run)
{
    private readonly SortedSet<long> _charged = [];

    public override string Claim => "a job's attempts are counted once";

    public override void Changed(JobChange change)
    {
        if (change is not { Before.Status: { } before, After.Status: { } after, After.Current: { } current } || before.Submission != after.Submission)
            return;
        var charged = after.Attempt.Number - before.Attempt.Number;
        Require(charged is 0 or 1, $"attempts went from {before.Attempt} to {after.Attempt} at once");
        if (charged == 1)
        {
            Require(_charged.Add(current.Generation.Number), $"generation {current.Generation} is charged twice");
            Require(current.Reason is { IsCharged: true } || LostItsResult(change),
                $"generation {current.Generation} is charged although it ended because {current.Reason?.Text}");
        }

        RequireCharged(change);
    }

    /// <summary>Every rank ended well, but the program could not save its last state: that is no result, and it is the program's doing.</summary>
    private bool LostItsResult(JobChange change) =>
        change.After.Current?.Reason?.Kind == ReasonKind.AllExitedWell
        && Run.Faults.LostSaves > 0
        && !change.Before.Checkpoints.ContainsKey((Run.Plan.Steps, change.After.Current.Generation.Number));

    /// <summary>Whatever follows a generation that user code ended, it was charged before.</summary>
    private void RequireCharged(JobChange change)
    {
        var formed = change.After.Current!.Generation != change.Before.Current?.Generation && change.Before.Current?.Generation.Number > 0;
        if (formed && change.Before.Current is { State: CurrentState.Closed, Reason: { IsCharged: true, Kind: not ReasonKind.NodeRefused } reason })
            Require(_charged.Contains(change.Before.Current.Generation.Number),
                $"generation {change.Before.Current.Generation} ended because {reason.Text} and was not charged");
    }
}
