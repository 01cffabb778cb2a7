using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>Each change of <c>current</c> takes down an event that says why; events count up.</summary>
/// <remarks>Source: RELIABILITY §3, Jobs.</remarks>
internal sealed class EveryDecisionHasAReason(ClusterRun run) : ClusterInvariant(run)
{
    public override string Claim => "every decision carries a reason";

    public override void Changed(JobChange change)
    {
        if (change.After.Current is not { } current || ReferenceEquals(current, change.Before.Current))
            return;
        Require(!change.After.NewEvents.IsEmpty, $"revision {change.At} changes current without an event");
        Require(change.After.NewEvents.All(record => record.Event.Text.Length > 0), $"revision {change.At} has an event without words");
        Require(current.EventSequence == (change.Before.Current?.EventSequence ?? 0) + change.After.NewEvents.Length,
            $"revision {change.At} has {change.After.NewEvents.Length} events and counts to {current.EventSequence}");
    }
}
