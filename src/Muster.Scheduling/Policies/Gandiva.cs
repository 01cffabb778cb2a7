using Muster.Scheduling.Rounds;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Policies;

/// <summary>Gandiva: equal time for all, blind to types; when GPUs are short, random pairs share GPUs, and pairs that turn out bad are undone.</summary>
/// <remarks>
/// A pair is kept while both together do at least as much as taking turns would. Source: Xiao et al., Gandiva, OSDI 2018, in the form of
/// Narayanan et al., OSDI 2020, section 7.1 (a baseline with ad hoc packing).
/// </remarks>
/// <param name="seed">Seed of the random pairs.</param>
public sealed class Gandiva(uint seed) : Policy
{
    private readonly MersenneTwister _random = new(seed);
    private readonly SortedSet<(int First, int Second)> _kept = [];

    /// <inheritdoc/>
    public override string Name => "gandiva";

    /// <inheritdoc/>
    public override bool KnowsTypes => true;

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        var jobs = request.Jobs;
        var rowOf = new Dictionary<int, int>();
        for (var row = 0; row < jobs.Count; row++)
            rowOf[jobs[row].Id] = row;
        _kept.RemoveWhere(pair => !rowOf.ContainsKey(pair.First) || !rowOf.ContainsKey(pair.Second));
        var paired = new bool[jobs.Count];
        var demand = jobs.Sum(job => job.Gpus);
        foreach (var (first, second) in _kept)
        {
            paired[rowOf[first]] = paired[rowOf[second]] = true;
            demand -= jobs[rowOf[first]].Gpus;
        }

        demand = TryPairs(request, paired, demand);
        var time = demand <= request.Cluster.Gpus ? 1.0 : (double)request.Cluster.Gpus / demand;
        for (var row = 0; row < jobs.Count; row++)
            if (!paired[row])
                Spread(request, time, shares.Row(row));
        foreach (var (first, second) in _kept)
        {
            var share = new double[request.Cluster.Types];
            Spread(request, time, share);
            shares.Pairs.Add(new PairShare(rowOf[first], rowOf[second], share));
        }
    }

    private static void Spread(AllocationRequest request, double time, Span<double> row)
    {
        for (var type = 0; type < row.Length; type++)
            row[type] = time * request.Cluster.Pools[type].Gpus / request.Cluster.Gpus;
    }

    /// <summary>Draws partners for jobs without one while GPUs are short; what does not pay is not kept.</summary>
    private int TryPairs(AllocationRequest request, bool[] paired, int demand)
    {
        var jobs = request.Jobs;
        int[] order = [.. Enumerable.Range(0, jobs.Count).Where(row => !paired[row])];
        _random.Shuffle(order.AsSpan());
        for (var i = 0; i + 1 < order.Length && demand > request.Cluster.Gpus; i++)
        {
            if (paired[order[i]])
                continue;
            var partner = Array.FindIndex(order, i + 1, row => !paired[row] && jobs[row].Gpus == jobs[order[i]].Gpus);
            if (partner < 0 || !Packing.Pays(jobs[order[i]], jobs[order[partner]], 1))
                continue;
            var (a, b) = (Math.Min(order[i], order[partner]), Math.Max(order[i], order[partner]));
            _kept.Add((jobs[a].Id, jobs[b].Id));
            paired[a] = paired[b] = true;
            demand -= jobs[a].Gpus;
        }

        return demand;
    }
}
