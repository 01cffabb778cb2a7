using Muster.Jobs.Records;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>Only the current generation, running or closed and not yet replaced, publishes; a checkpoint is published once.</summary>
/// <remarks>Source: RELIABILITY §3, Checkpoints: a stale generation cannot publish; design §6, step 5.</remarks>
internal sealed class StaleGenerationsCannotPublish(ClusterRun run) : ClusterInvariant(run)
{
    private readonly SortedSet<(long Step, long Generation)> _published = [];

    public override string Claim => "a stale generation cannot publish";

    public override void Changed(JobChange change)
    {
        foreach (var (name, _) in change.After.Checkpoints)
        {
            if (change.Before.Checkpoints.ContainsKey(name))
                continue;
            Require(_published.Add(name), $"checkpoint {name.Step}.{name.Generation} is published twice");
            Require(change.Before.Current?.Generation.Number == name.Generation && change.After.Current?.Generation.Number == name.Generation,
                $"generation {name.Generation} publishes step {name.Step} while {change.After.Current?.Generation} is current");
            Require(!ReferenceEquals(change.Before.Current, change.After.Current), $"the commit of {name.Step}.{name.Generation} does not touch current");
            Require(change.After.Current?.State is CurrentState.Running or CurrentState.Closed, $"it is {change.After.Current?.State}");
        }
    }
}
