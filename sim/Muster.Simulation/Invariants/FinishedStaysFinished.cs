using Muster.Jobs.Views;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>A submission that completed, failed or was cancelled stays so, and forms no generation.</summary>
/// <remarks>Source: RELIABILITY §3, Jobs; design §5, step 8.</remarks>
internal sealed class FinishedStaysFinished(ClusterRun run) : ClusterInvariant(run)
{
    public override string Claim => "finished stays finished";

    public override void Changed(JobChange change)
    {
        if (change is not { Before.Status: { } before, After.Status: { } after } || !JobPhases.IsFinished(before.Phase) || before.Submission != after.Submission)
            return;
        var submittedAgain = change.After.Specification?.Submission > before.Submission;
        Require(after.Phase == before.Phase, $"submission {before.Submission} was {before.Phase} and is {after.Phase}");
        Require(submittedAgain || change.After.Current?.Generation == change.Before.Current?.Generation,
            $"generation {change.After.Current?.Generation} is formed although submission {before.Submission} was {before.Phase}");
    }
}
