using Muster.Scheduling.Rounds;
using Muster.Scheduling.Solvers;

namespace Muster.Scheduling.Policies;

/// <summary>Finish-time fairness: the worst ratio of a job's finish to its finish on its own part of the cluster is as low as possible.</summary>
/// <remarks>
/// Minimises max over jobs i of (t_i + R_i / thr_i(X)) / (I_i + R_i / iso_i): t_i time since arrival, R_i steps left, iso_i throughput on
/// 1/n of the cluster, I_i the time that the steps so far would have taken there. For a ratio the needed throughput is known, so this is
/// max-min with levels convex in 1 / ratio, solved exactly. Source: Mahajan et al., Themis, NSDI 2020, in the form of Narayanan et al., OSDI
/// 2020, section 4.2.
/// </remarks>
/// <param name="aware">Whether the policy knows that types differ.</param>
public sealed class FinishTimeFairness(bool aware) : Policy
{
    private readonly SortedDictionary<int, History> _histories = [];
    private readonly List<double[]> _warm = [];

    /// <inheritdoc/>
    public override string Name => aware ? "finish_time_fairness_perf" : "finish_time_fairness";

    /// <inheritdoc/>
    public override bool KnowsTypes => aware;

    /// <summary>The worst ratio of the last allocation; 0 without jobs.</summary>
    public double Ratio { get; private set; }

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        Ratio = 0;
        if (request.Jobs.Count == 0)
            return;
        var n = request.Jobs.Count;
        var (steps, elapsed, alone) = (new double[n], new double[n], new double[n]);
        for (var row = 0; row < n; row++)
            (steps[row], elapsed[row], alone[row]) = Terms(request, request.Jobs[row]);
        Forget(request);
        var rows = new JobRows(request, aware, job => [.. job.Throughput]);
        var solver = new MaxMinShares(rows.Problem);
        solver.Solve(new FinishTimeLevels(steps, elapsed, alone), _warm);
        Ratio = 1 / solver.FirstHeight;
        _warm.Clear();
        _warm.AddRange(solver.WarmPrices);
        rows.Spread(solver.Shares, shares);
    }

    private (double Steps, double Elapsed, double Alone) Terms(AllocationRequest request, ScheduledJob job)
    {
        Span<double> row = stackalloc double[request.Cluster.Types];
        Isolated.Fill(request, job.Gpus, row);
        var isolated = 0.0;
        var fastest = job.Throughput.Max();
        for (var type = 0; type < row.Length; type++)
            isolated += row[type] * (aware ? job.Throughput[type] : fastest);
        var history = _histories.GetValueOrDefault(job.Id) ?? new History();
        if (history.Isolated > 0)
            history.Seconds += (job.StepsDone - history.Steps) / history.Isolated;
        (history.Steps, history.Isolated, _histories[job.Id]) = (job.StepsDone, isolated, history);
        var left = Math.Max(job.StepsRemaining, 1e-9);
        return (left, request.NowSeconds - job.Source.ArrivalSeconds, isolated > 0 ? history.Seconds + left / isolated : 1);
    }

    private void Forget(AllocationRequest request)
    {
        if (_histories.Count <= request.Jobs.Count)
            return;
        var live = request.Jobs.Select(job => job.Id).ToHashSet();
        foreach (var id in _histories.Keys.Where(id => !live.Contains(id)).ToList())
            _histories.Remove(id);
    }

    private sealed class History
    {
        public double Seconds { get; set; }

        public double Steps { get; set; }

        public double Isolated { get; set; }
    }
}
