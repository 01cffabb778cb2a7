using Muster.Scheduling.Solvers;

namespace Muster.Scheduling.Policies;

/// <summary>Maximum total throughput: as many steps per second as the cluster can do, whoever's they are.</summary>
/// <remarks>Maximises Σ_ij T_ij X_ij. Source: Narayanan et al., OSDI 2020, section 4.2. Starves slow models; a baseline.</remarks>
public sealed class MaxThroughput : Policy
{
    /// <inheritdoc/>
    public override string Name => "max_sum_throughput_perf";

    /// <inheritdoc/>
    public override bool KnowsTypes => true;

    /// <summary>Steps per second of the last allocation, the optimum of the linear program.</summary>
    public double Objective { get; private set; }

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        Objective = 0;
        if (request.Jobs.Count == 0)
            return;
        var classes = new JobClasses(request, _ => 0);
        var problem = classes.Problem(request, (job, type) => job.Throughput[type]);
        var value = new double[problem.Rate.Length];
        for (var i = 0; i < value.Length; i++)
            value[i] = problem.Rate[i] * classes.Count(i / problem.Types);
        var solver = new BestShares(problem, value, new double[problem.Rows]);
        solver.Solve(new double[value.Length]);
        Objective = solver.Value;
        classes.Spread(solver.Shares, request.Cluster.Types, shares);
        shares.Fit(request);
    }
}
