using Muster.Primitives;
using Muster.Simulation.Cluster;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Invariants;

/// <summary>At most one generation of a job may write: its ranks start when nothing of another one runs.</summary>
/// <remarks>Source: RELIABILITY §3, Jobs; design §5, step 3.</remarks>
internal sealed class OneGenerationWrites(ClusterRun run) : ClusterInvariant(run)
{
    public override string Claim => "at most one generation writes";

    public override void RankStarted(JobId job, Generation generation, int rank, SimulatedProcess process)
    {
        foreach (var other in Run.Host.Host.Table.Living)
        {
            if (other == process || other.Name != "rank" || other.Start.Environment["MUSTER_JOB"] != job.Name)
                continue;
            var of = other.Start.Environment["MUSTER_GENERATION"];
            Require(of == generation.ToString(), $"{process.Process} of generation {generation} starts while {other.Process} of generation {of} runs");
            Require(other.Start.Environment["RANK"] != rank.ToString(System.Globalization.CultureInfo.InvariantCulture),
                $"{process.Process} and {other.Process} are both rank {rank} of generation {generation}");
        }
    }
}
