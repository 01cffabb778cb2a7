using System.Collections.Immutable;
using Muster.Agent.Keeping;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;
using Muster.Simulation.Cluster;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Invariants;

/// <summary>One law of the whole system. Each says in its own words what must stay true, and looks whenever it could be broken.</summary>
internal abstract class ClusterInvariant(ClusterRun run)
{
    /// <summary>The law, as a sentence.</summary>
    public abstract string Claim { get; }

    /// <summary>The run it watches.</summary>
    protected ClusterRun Run => run;

    /// <summary>The store shows a new revision of a job.</summary>
    public virtual void Changed(JobChange change)
    {
    }

    /// <summary>A rank's program begins.</summary>
    public virtual void RankStarted(JobId job, Generation generation, int rank, SimulatedProcess process)
    {
    }

    /// <summary>A keeper told a rank that its shard is durable.</summary>
    public virtual void Acknowledged(JobId job, Generation generation, long step, int rank, ImmutableArray<ShardFile> files)
    {
    }

    /// <summary>A keeper tells facts to its agent.</summary>
    public virtual void KeeperSays(KeeperArguments keeper, JobFacts facts)
    {
    }

    /// <summary>An agent gives an order to a keeper.</summary>
    public virtual void AgentOrders(KeeperOrder order)
    {
    }

    /// <summary>The host lost power; nothing runs.</summary>
    public virtual void AfterPowerLoss()
    {
    }

    /// <summary>The job has completed and nothing runs any more.</summary>
    public virtual void AtEnd()
    {
    }

    /// <summary>Fails the run when a condition does not hold.</summary>
    protected void Require(bool condition, string detail) => run.Invariants.Require(Claim, condition, detail);
}
