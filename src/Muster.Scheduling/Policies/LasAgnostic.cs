namespace Muster.Scheduling.Policies;

/// <summary>Least attained service, blind to types: every job gets the same GPU time by weight, up to all of its gang's.</summary>
/// <remarks>
/// Maximises min over jobs i of s_i Σ_j X_ij / w_i, then the second lowest, and so on: X_i = min(1, t w_i / s_i) with Σ_i s_i X_i ≤ C, in closed
/// form. A policy that cannot tell types apart spreads each job over them as the GPUs are. Source: Narayanan et al., OSDI 2020, section 4.1.
/// </remarks>
public sealed class LasAgnostic : Policy
{
    private double[] _full = [];
    private int[] _order = [];

    /// <inheritdoc/>
    public override string Name => "max_min_fairness";

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        var jobs = request.Jobs;
        var level = Level(request);
        for (var row = 0; row < jobs.Count; row++)
        {
            var time = Math.Min(1, level * jobs[row].Weight / jobs[row].Gpus);
            var to = shares.Row(row);
            for (var type = 0; type < to.Length; type++)
                to[type] = time * request.Cluster.Pools[type].Gpus / request.Cluster.Gpus;
        }
    }

    /// <summary>The water: GPUs per weight, such that all GPUs are used or all jobs have all they can use.</summary>
    private double Level(AllocationRequest request)
    {
        var jobs = request.Jobs;
        if (_full.Length < jobs.Count)
            (_full, _order) = (new double[jobs.Count * 2], new int[jobs.Count * 2]);
        var weights = 0.0;
        for (var row = 0; row < jobs.Count; row++)
        {
            (_full[row], _order[row]) = (jobs[row].Gpus / jobs[row].Weight, row);
            weights += jobs[row].Weight;
        }

        Array.Sort(_full, _order, 0, jobs.Count);
        double left = request.Cluster.Gpus;
        for (var i = 0; i < jobs.Count; i++)
        {
            if (_full[i] * weights >= left)
                return left / weights;
            left -= jobs[_order[i]].Gpus;
            weights -= jobs[_order[i]].Weight;
        }

        return double.PositiveInfinity;
    }
}
