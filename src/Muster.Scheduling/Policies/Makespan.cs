using Muster.Scheduling.Rounds;
using Muster.Scheduling.Solvers;

namespace Muster.Scheduling.Policies;

/// <summary>Minimum makespan: the last job to end ends as early as possible.</summary>
/// <remarks>
/// The smallest T such that Σ_j T_ij X_ij ≥ R_i / T for all jobs i, where R_i are the steps that remain: max-min with levels R_i / T, solved
/// exactly rather than by bisection. Source: Narayanan et al., OSDI 2020, section 4.2.
/// </remarks>
/// <param name="aware">Whether the policy knows that types differ.</param>
public sealed class Makespan(bool aware) : Policy
{
    private readonly List<double[]> _warm = [];

    /// <inheritdoc/>
    public override string Name => aware ? "min_total_duration_perf" : "min_total_duration";

    /// <inheritdoc/>
    public override bool KnowsTypes => aware;

    /// <summary>The makespan of the last allocation, in seconds from its time; 0 without jobs.</summary>
    public double Seconds { get; private set; }

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        Seconds = 0;
        if (request.Jobs.Count == 0)
            return;
        var rows = new JobRows(request, aware, job => [.. job.Throughput]);
        var steps = new double[request.Jobs.Count];
        for (var row = 0; row < steps.Length; row++)
            steps[row] = Math.Max(request.Jobs[row].StepsRemaining, double.Epsilon);
        var solver = new MaxMinShares(rows.Problem);
        solver.Solve(new LinearLevels(new double[steps.Length], steps), _warm);
        Seconds = 1 / solver.FirstHeight;
        _warm.Clear();
        _warm.AddRange(solver.WarmPrices);
        rows.Spread(solver.Shares, shares);
    }
}
