using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Jobs.Records;
using Muster.Primitives;

namespace Muster.Jobs.Checkpoints;

/// <summary>Which checkpoints may be committed: all shards of one generation are durable.</summary>
internal static class CommitCandidates
{
    /// <summary>The oldest step of the generation, later than its newest committed one, whose shards are all durable.</summary>
    /// <remarks>
    /// Later only: a node repeats its shards until they are known, so an older step may have been committed and removed already.
    /// </remarks>
    /// <returns>Its shards by rank; empty: there is none.</returns>
    public static ImmutableArray<ShardFacts> Next(
        GenerationRecord generation, IEnumerable<JobFacts> facts, TrainingStep? committed)
    {
        var newest = committed?.Number ?? -1;
        var worldSize = generation.WorldSize();
        foreach (var (step, shards) in BySteps(generation, facts))
        {
            if (step > newest && shards.Count == worldSize)
                return [.. shards.Values];
        }

        return [];
    }

    private static SortedDictionary<long, SortedDictionary<int, ShardFacts>> BySteps(GenerationRecord generation, IEnumerable<JobFacts> facts)
    {
        var worldSize = generation.WorldSize();
        var steps = new SortedDictionary<long, SortedDictionary<int, ShardFacts>>();
        foreach (var shard in facts.Where(node => node.Generation == generation.Generation).SelectMany(node => node.Shards))
        {
            if (shard.Rank.Number < 0 || shard.Rank.Number >= worldSize)
                continue;
            if (!steps.TryGetValue(shard.Step.Number, out var ranks))
                steps[shard.Step.Number] = ranks = [];
            ranks[shard.Rank.Number] = shard;
        }

        return steps;
    }
}
