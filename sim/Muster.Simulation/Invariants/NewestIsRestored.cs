using Muster.Jobs.Records;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>A generation resumes from the newest committed checkpoint that is not in doubt; a fresh start never happens by itself.</summary>
/// <remarks>Source: design §6, step 7; RELIABILITY §3, Checkpoints. The oracle looks at all committed ones, one by one.</remarks>
internal sealed class NewestIsRestored(ClusterRun run) : ClusterInvariant(run)
{
    public override string Claim => "a generation resumes from the newest good checkpoint";

    public override void Changed(JobChange change)
    {
        if (change.After is not { Current: { State: CurrentState.Running } current, Status: { } status, Specification: { } specification }
            || current.Generation == change.Before.Current?.Generation)
            return;
        (long Step, long Generation)? newest = null;
        var any = false;
        foreach (var (name, record) in change.Before.Checkpoints)
        {
            if (record.Submission < specification.BeginsAt)
                continue;
            any = true;
            var suspect = status.Suspects.Any(suspect => suspect.Checkpoint.Step.Number == name.Step && suspect.Checkpoint.Generation.Number == name.Generation);
            if (record.Quarantine is null && !suspect)
                newest = name;   // sorted by step, then generation
        }

        (long Step, long Generation)? chosen = current.RestoreFrom is { } from ? (from.Step.Number, from.Generation.Number) : null;
        Require(chosen == newest, $"generation {current.Generation} resumes from {chosen}, the newest good one is {newest}");
        Require(chosen is not null || !any, $"generation {current.Generation} starts anew although checkpoints exist");
    }
}
