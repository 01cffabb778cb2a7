using Muster.Agent.Keeping;
using Muster.Jobs.Keepers;
using Muster.Primitives;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>A keeper obeys no order given for a coordinator of the past.</summary>
/// <remarks>Source: design §2.2 and §5: it refuses an agent with an older token.</remarks>
internal sealed class StaleOrdersAreRefused(ClusterRun run) : ClusterInvariant(run)
{
    private bool _released;

    public override string Claim => "a stale order is refused";

    /// <summary>Newest token for which an agent gave an order; null: none yet.</summary>
    public FencingToken? Newest { get; private set; }

    public override void AgentOrders(KeeperOrder order)
    {
        _released |= order is KeeperOrder.Release;
        var token = order switch
        {
            KeeperOrder.Want want => want.Leader,
            KeeperOrder.Release release => release.Leader,
            _ => (FencingToken?)null,
        };
        if (token is { } spoken && (Newest is not { } known || spoken.Granted > known.Granted))
            Newest = spoken;
    }

    public void KeeperEnded(KeeperArguments keeper, string why) =>
        Require(_released || !why.Contains("released", StringComparison.Ordinal), $"the keeper of {keeper.Job} ended because {why}, and no agent had released it");
}
