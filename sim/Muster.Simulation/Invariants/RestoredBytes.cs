using Muster.Primitives;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>What a rank resumes from is, byte for byte, the state after that step; damage is found before it is used.</summary>
/// <remarks>Source: RELIABILITY §3, Checkpoints: a damaged shard is detected before use.</remarks>
internal sealed class RestoredBytes(ClusterRun run) : ClusterInvariant(run)
{
    private readonly SortedDictionary<long, TimeSpan> _formed = [];

    public override string Claim => "a rank resumes from the very state of its step";

    public override void Changed(JobChange change)
    {
        foreach (var number in change.After.Generations.Keys)
            _formed.TryAdd(number, Run.World.Now);
    }

    /// <summary>Checks; false when the bytes were changed while they were being read, which nobody can guard against.</summary>
    public bool Check(TrainingStep step, Generation generation, int rank, byte[] bytes, long writtenBy)
    {
        if (bytes.AsSpan().SequenceEqual(Run.Training.Expected(step.Number, rank)))
            return true;
        var changedMeanwhile = Run.Faults.Damaged.TryGetValue((step.Number, writtenBy), out var at) && at >= _formed[generation.Number];
        Require(changedMeanwhile, $"rank {rank} of generation {generation} reads something else as step {step}");
        return false;
    }
}
