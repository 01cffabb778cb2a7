using Muster.Scheduling.Rounds;
using Muster.Scheduling.Solvers;

namespace Muster.Scheduling.Policies;

/// <summary>Least attained service on unequal GPUs: every job's throughput, as a part of what an even share gives it, is as high as fairness allows.</summary>
/// <remarks>
/// Maximises min over jobs i of Σ_j T_ij s_i X_ij / (w_i p_i), where p_i = Σ_j T_ij c_j / C is the throughput of an even share; then the
/// second lowest, and so on. Source: Narayanan et al., OSDI 2020, section 4.1 (max-min fairness), with its priorities as weights.
/// </remarks>
public sealed class LasAware : Policy
{
    private readonly List<double[]> _warm = [];

    /// <inheritdoc/>
    public override string Name => "max_min_fairness_perf";

    /// <inheritdoc/>
    public override bool KnowsTypes => true;

    /// <summary>Lowest normalised throughput of the last allocation, the optimum of the linear program; infinite without jobs.</summary>
    public double Objective { get; private set; } = double.PositiveInfinity;

    /// <summary>Shape [gpuTypes]; prices that prove no allocation has a higher <see cref="Objective"/>.</summary>
    public IReadOnlyList<double> Prices { get; private set; } = [];

    /// <summary>How often prices were tried in the last allocation.</summary>
    public long Trials { get; private set; }

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        if (request.Jobs.Count == 0)
            return;
        var classes = new JobClasses(request, job => job.Weight);
        var solver = new MaxMinShares(classes.Problem(request, (job, type) => NormalizedRate(request, job, type)));
        solver.Solve(LinearLevels.Even(classes.Rows), _warm);
        (Objective, Prices, Trials) = (solver.FirstHeight, solver.FirstPrices, solver.Trials);
        _warm.Clear();
        _warm.AddRange(solver.WarmPrices);
        classes.Spread(solver.Shares, request.Cluster.Types, shares);
    }

    /// <summary>What a whole share of a type brings a job, by weight, as a part of an even share's throughput.</summary>
    internal static double NormalizedRate(AllocationRequest request, ScheduledJob job, int type) =>
        job.Throughput[type] * job.Gpus / (job.Weight * EvenShare(request, job));

    /// <summary>Throughput of a job whose time is spread over the types as the GPUs are.</summary>
    internal static double EvenShare(AllocationRequest request, ScheduledJob job)
    {
        var sum = 0.0;
        for (var type = 0; type < request.Cluster.Types; type++)
            sum += job.Throughput[type] * request.Cluster.Pools[type].Gpus;
        return sum / request.Cluster.Gpus;
    }
}
