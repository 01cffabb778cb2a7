using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>Generation numbers rise and never repeat; a record of one never changes.</summary>
/// <remarks>Source: RELIABILITY §3, Recipes and Jobs; design §5, step 3.</remarks>
internal sealed class GenerationsNeverRepeat(ClusterRun run) : ClusterInvariant(run)
{
    private long _newest;

    public override string Claim => "a generation number never repeats";

    public override void Changed(JobChange change)
    {
        foreach (var (number, record) in change.After.Generations)
        {
            if (change.Before.Generations.TryGetValue(number, out var before))
            {
                Require(ReferenceEquals(before, record), $"generation {number} was written again");
                continue;
            }

            Require(number > _newest, $"generation {number} was formed after {_newest}");
            Require(change.After.Current?.Generation.Number == number, $"generation {number} is not the current one, {change.After.Current?.Generation} is");
            _newest = number;
            var next = 0;
            foreach (var node in record.Nodes)
            {
                Require(node.FirstRank.Number == next, $"generation {number} has its ranks not densely: {node.FirstRank} where {next} is due");
                next += node.Ranks;
            }
        }

        Require(change.After.Current is null || change.After.Current.Generation.Number == _newest,
            $"current names generation {change.After.Current?.Generation}, the newest is {_newest}");
    }
}
