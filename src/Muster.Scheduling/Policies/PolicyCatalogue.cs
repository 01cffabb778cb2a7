using System.Collections.Immutable;

namespace Muster.Scheduling.Policies;

/// <summary>Every policy by the names people type.</summary>
public static class PolicyCatalogue
{
    private static readonly ImmutableArray<Entry> s_entries =
    [
        new("fifo", [], "first come, first served; blind to GPU types, as published", seed => new FifoAgnostic(seed)),
        new("fifo_perf", ["fifo_aware"], "first come, first served, on the fastest free type", _ => new FifoAware()),
        new("fifo_packed", [], "the same; who finds no room shares GPUs where that pays", _ => new FifoPacked()),
        new("max_min_fairness", ["las"], "least attained service: equal GPU time; blind to types", _ => new LasAgnostic()),
        new("max_min_fairness_perf", ["las_perf", "las_aware"], "least attained service by throughput: the fairest point", _ => new LasAware()),
        new("max_min_fairness_packed", ["las_packed"], "the same with space sharing", _ => new LasPacked()),
        new("finish_time_fairness", ["ftf"], "the worst finish-time ratio as low as possible; blind to types", _ => new FinishTimeFairness(false)),
        new("finish_time_fairness_perf", ["ftf_perf", "ftf_aware"], "the same, knowing types", _ => new FinishTimeFairness(true)),
        new("shortest_job_first", ["sjf"], "least time left first, on the fastest free type", _ => new ShortestJobFirst()),
        new("min_total_duration", ["makespan"], "the last job ends early; blind to types", _ => new Makespan(false)),
        new("min_total_duration_perf", ["makespan_perf", "makespan_aware"], "the same, knowing types", _ => new Makespan(true)),
        new("min_total_duration_packed", ["makespan_packed"], "the same with space sharing", _ => new MakespanPacked()),
        new("max_sum_throughput_perf", ["max_throughput"], "as many steps per second as possible", _ => new MaxThroughput()),
        new("min_cost_slo_perf", ["min_cost"], "most work per price, deadlines met", _ => new MinCost()),
        new("hierarchical", [], "entities by weight, fair within each", _ => new Hierarchical()),
        new("hierarchical_fifo", [], "entities by weight, first come first served within each", _ => new Hierarchical(WithinEntity.Fifo)),
        new("isolated", [], "1/n of the cluster each", _ => new Isolated()),
        new("allox", [], "smallest sum of completion times by matching", _ => new AlloX()),
        new("gandiva", [], "equal time and random pairs that pay", seed => new Gandiva(seed)),
    ];

    /// <summary>Canonical names with a line of explanation each.</summary>
    public static IEnumerable<(string Name, string About)> All => s_entries.Select(entry =>
        (entry.Name, entry.Aliases.Length == 0 ? entry.About : $"{entry.About} (also: {string.Join(", ", entry.Aliases)})"));

    /// <summary>A policy that has decided nothing yet.</summary>
    /// <param name="name">A name or an alias.</param>
    /// <param name="seed">Seed of what it draws for itself.</param>
    /// <exception cref="SchedulingInputException">There is no such policy; the text names those there are.</exception>
    public static Policy Create(string name, uint seed) => Find(name).Make(seed);

    /// <summary>The name under which results are kept.</summary>
    /// <exception cref="SchedulingInputException">There is no such policy.</exception>
    public static string Canonical(string name) => Find(name).Name;

    private static Entry Find(string name) => s_entries.FirstOrDefault(entry => entry.Name == name || entry.Aliases.Contains(name))
        ?? throw new SchedulingInputException($"there is no policy '{name}'; there are {string.Join(", ", s_entries.SelectMany(entry => entry.Aliases.Prepend(entry.Name)))}");

    private sealed record Entry(string Name, string[] Aliases, string About, Func<uint, Policy> Make);
}
