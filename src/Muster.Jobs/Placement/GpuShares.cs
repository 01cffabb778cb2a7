using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Jobs.Records;

namespace Muster.Jobs.Placement;

/// <summary>Which of a host's granted GPUs each of its ranks gets.</summary>
internal static class GpuShares
{
    /// <summary>Evenly and in order; the first ranks get one more where it does not divide. Fewer GPUs than ranks: shared in turn.</summary>
    public static ImmutableArray<RankPlacement> Split(GenerationNode node)
    {
        var gpus = node.Gpus;
        var (each, extra) = (gpus.Length / node.Ranks, gpus.Length % node.Ranks);
        return [.. Enumerable.Range(0, node.Ranks).Select(local => new RankPlacement(
            new(node.FirstRank.Number + local), local,
            gpus.IsEmpty ? []
            : each == 0 ? [gpus[local % gpus.Length]]
            : [.. gpus.Skip((local * each) + Math.Min(local, extra)).Take(each + (local < extra ? 1 : 0))]))];
    }
}
