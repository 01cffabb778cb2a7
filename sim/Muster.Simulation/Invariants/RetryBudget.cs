using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Views;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>No generation is formed once more failures were charged than the job may have; no job fails for it before.</summary>
/// <remarks>Source: RELIABILITY §3, Jobs: retry budget respected.</remarks>
internal sealed class RetryBudget(ClusterRun run) : ClusterInvariant(run)
{
    public override string Claim => "the retry budget is respected";

    public override void Changed(JobChange change)
    {
        if (change.After is not { Status: { } status, Specification: { } specification })
            return;
        var max = specification.Specification.Restart.Max;
        var formed = change.After.Current?.Generation != change.Before.Current?.Generation && change.After.Current?.State == CurrentState.Running;
        Require(!formed || status.Charged <= max, $"a generation is formed after {status.Charged} charged failures, {max} are allowed");
        if (status is { Phase: JobPhase.Failed, Reason.Kind: ReasonKind.BudgetSpent } && change.Before.Status?.Phase != JobPhase.Failed)
            Require(status.Charged == max + 1, $"the job failed after {status.Charged} charged failures, {max} are allowed");
    }
}
