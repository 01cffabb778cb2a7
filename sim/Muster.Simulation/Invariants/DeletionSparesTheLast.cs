using Muster.Jobs.Records;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>Deletion never touches the last restorable checkpoint, the one being restored, or a pinned one.</summary>
/// <remarks>Source: RELIABILITY §3, Checkpoints; design §6, step 6.</remarks>
internal sealed class DeletionSparesTheLast(ClusterRun run) : ClusterInvariant(run)
{
    public override string Claim => "deletion spares what is needed";

    public override void Changed(JobChange change)
    {
        foreach (var (name, record) in change.Before.Checkpoints)
        {
            if (change.After.Checkpoints.ContainsKey(name))
                continue;
            Require(!record.Pinned, $"{name} was pinned and is deleted");
            var restored = change.After.Current is { State: CurrentState.Running or CurrentState.Closed, RestoreFrom: { } from }
                && (from.Step.Number, from.Generation.Number) == name && !IsSettled(change);
            Require(!restored, $"{name} is deleted while generation {change.After.Current?.Generation} resumes from it");
            Require(record.Quarantine is not null || change.After.Checkpoints.Values.Any(other => other.Quarantine is null),
                $"{name}, the last one that can be restored, is deleted");
            RequireKept(change, name, record);
        }
    }

    /// <summary>What retention takes leaves <c>keep</c> newer good ones, unless a person asked for the deletion.</summary>
    private void RequireKept(JobChange change, (long Step, long Generation) name, CheckpointRecord record)
    {
        if (change.After.NewEvents.All(stored => stored.Event.Kind != "retired"))
            return;
        var keep = change.After.Specification!.Specification.Checkpoint.Keep;
        var beginsAt = change.After.Specification.BeginsAt;
        var age = (record.Submission >= beginsAt, name);
        var newer = change.After.Checkpoints.Count(other => other.Value.Quarantine is null
            && (other.Value.Submission >= beginsAt, other.Key).CompareTo(age) > 0);
        Require(newer >= keep, $"{name} is retired with {newer} newer good ones, {keep} are to be kept");
    }

    private static bool IsSettled(JobChange change) => change.After.Status is { } status && Jobs.Views.JobPhases.IsSettled(status.Phase);
}
