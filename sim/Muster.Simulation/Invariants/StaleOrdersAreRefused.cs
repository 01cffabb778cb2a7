using Muster.Agent.Keeping;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>A keeper obeys no order given for a coordinator of the past.</summary>
/// <remarks>Source: design §2.2 and §5: it refuses an agent with an older token.</remarks>
internal sealed class StaleOrdersAreRefused(ClusterRun run) : ClusterInvariant(run)
{
    private FencingToken? _first;
    private bool _released;
    private bool _spoke;

    public override string Claim => "a stale order is refused";

    /// <summary>A token older than any that the running keeper was given; null: it has not been given one yet.</summary>
    public FencingToken? Stale => _first is { } first && _spoke ? first with { Granted = new(first.Granted.Number - 1) } : null;

    public override void AgentOrders(KeeperOrder order)
    {
        _released |= order is KeeperOrder.Release;
        if (order is KeeperOrder.Want(var leader, _))
            _first ??= leader;
    }

    public override void KeeperSays(KeeperArguments keeper, JobFacts facts) => _spoke = true;

    public void KeeperStarted() => _spoke = false;

    public void KeeperEnded(KeeperArguments keeper, string why) =>
        Require(_released || !why.Contains("released", StringComparison.Ordinal), $"the keeper of {keeper.Job} ended because {why}, and no agent had released it");
}
