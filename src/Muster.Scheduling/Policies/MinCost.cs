using Muster.Scheduling.Clusters;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Solvers;

namespace Muster.Scheduling.Policies;

/// <summary>Minimum cost: the most work per price of the GPUs used, with every deadline met that can be.</summary>
/// <remarks>
/// Maximises Σ_ij (T_ij / max_j T_ij) X_ij / Σ_ij price_j s_i X_ij over shares that meet thr_i ≥ R_i / time left for jobs with deadlines, by
/// Dinkelbach's method (1967). Where not all deadlines can be met, all fall short by the same factor. Source: Narayanan et al., OSDI 2020,
/// section 4.2.
/// </remarks>
/// <param name="pricePerGpuHour">Price of a GPU-hour by type; types that are not named cost <see cref="OtherPrice"/>.</param>
public sealed class MinCost(IReadOnlyDictionary<string, double>? pricePerGpuHour = null) : Policy
{
    /// <summary>Price of a GPU-hour of a type without one.</summary>
    public const double OtherPrice = 1;

    private static readonly IReadOnlyDictionary<string, double> s_listed =
        new SortedDictionary<string, double>(StringComparer.Ordinal) { ["k80"] = 0.45, ["p100"] = 1.46, ["v100"] = 2.48, ["a100"] = 3.67, ["h100"] = 6.98 };

    private readonly IReadOnlyDictionary<string, double> _prices = pricePerGpuHour ?? s_listed;

    /// <inheritdoc/>
    public override string Name => "min_cost_slo_perf";

    /// <inheritdoc/>
    public override bool KnowsTypes => true;

    /// <inheritdoc/>
    public override bool ChangesWithTime => true;

    /// <summary>Normalised work per price of the last allocation.</summary>
    public double WorkPerPrice { get; private set; }

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        WorkPerPrice = 0;
        if (request.Jobs.Count == 0)
            return;
        var rows = new JobRows(request, aware: true, job => [.. job.Throughput]);
        var problem = rows.Problem;
        var least = new double[problem.Rows];
        for (var row = 0; row < least.Length; row++)
            least[row] = Math.Min(Needed(request.Jobs[row], request.NowSeconds), problem.Best[row]);
        var shared = MeetDeadlines(problem, least);
        for (var i = 0; i < 50; i++)
        {
            var solver = new BestShares(problem, Value(request.Cluster, problem, WorkPerPrice), least);
            solver.Solve(shared);
            shared = solver.Shares;
            var (work, price) = Totals(request.Cluster, problem, shared);
            var ratio = price > 0 ? work / price : 0;
            if (ratio <= WorkPerPrice * (1 + 1e-9))
                break;
            WorkPerPrice = ratio;
        }

        rows.Spread(shared, shares);
        shares.Fit(request);
    }

    private static double Needed(ScheduledJob job, double now) => job.Source.DeadlineSeconds is { } deadline
        ? job.StepsRemaining / Math.Max(job.Source.ArrivalSeconds + deadline - now, 1e-9) : 0;

    private static double[] MeetDeadlines(SharingProblem problem, double[] least)
    {
        if (!least.Any(level => level > 0))
            return new double[problem.Rate.Length];
        var solver = new MaxMinShares(problem);
        solver.Solve(new LinearLevels(new double[problem.Rows], [.. least]), [], stepsMax: 1);
        var met = Math.Min(1, solver.FirstHeight);
        for (var row = 0; row < least.Length; row++)
            least[row] *= met * (1 - 1e-9);
        // More than needed is no use here: back to exactly what the deadlines take.
        var down = solver.FirstHeight > 0 ? met / solver.FirstHeight : 1;
        return [.. solver.Shares.Select(share => share * down)];
    }

    private double Price(ClusterShape cluster, int type) => _prices.TryGetValue(cluster.Pools[type].Type, out var price) ? price : OtherPrice;

    private double[] Value(ClusterShape cluster, SharingProblem problem, double ratio)
    {
        var value = new double[problem.Rate.Length];
        for (var row = 0; row < problem.Rows; row++)
            for (var type = 0; type < problem.Types; type++)
                if (problem.Best[row] > 0)
                    value[row * problem.Types + type] =
                        problem.Rate[row * problem.Types + type] / problem.Best[row] - ratio * Price(cluster, type) * problem.Use[row];
        return value;
    }

    private (double Work, double Price) Totals(ClusterShape cluster, SharingProblem problem, double[] shares)
    {
        var (work, price) = (0.0, 0.0);
        for (var row = 0; row < problem.Rows; row++)
            for (var type = 0; type < problem.Types; type++)
                if (shares[row * problem.Types + type] is > 0 and var share)
                {
                    work += share * problem.Rate[row * problem.Types + type] / problem.Best[row];
                    price += share * problem.Use[row] * Price(cluster, type);
                }

        return (work, price);
    }
}
