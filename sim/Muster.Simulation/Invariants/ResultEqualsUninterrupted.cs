using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>A completed job's result is the last step's state, equal to that of a run which nothing interrupted.</summary>
/// <remarks>Source: RELIABILITY §3, Checkpoints: resumed loss equals uninterrupted loss. That each committed state is right is
/// the law of <see cref="CommittedIsDurable"/>; here it must be the last one, unless its saving was refused.</remarks>
internal sealed class ResultEqualsUninterrupted(ClusterRun run) : ClusterInvariant(run)
{
    public override string Claim => "the result equals that of an uninterrupted run";

    public override void AtEnd()
    {
        var job = Run.History.Job(Run.Job);
        var result = job.Status?.Result;
        if (result?.Step.Number == Run.Plan.Steps)
        {
            Require(Run.Person.HasRemoved || job.Checkpoints.ContainsKey((result.Step.Number, result.Generation.Number)),
                $"the result {result.Step}.{result.Generation} is not committed");
            Run.Faults.Reach("completed with its last state");
            return;
        }

        Require(Run.Faults.LostSaves > 0, $"the result is of step {result?.Step.ToString() ?? "none"}, the training has {Run.Plan.Steps}");
        Run.Faults.Reach("completed without its last state: its saving failed");
    }
}
