using Muster.Scheduling.Rounds;

namespace Muster.Scheduling.Policies;

/// <summary>Two jobs that share GPUs for a part of the time.</summary>
/// <param name="First">Row of the earlier job.</param>
/// <param name="Second">Row of the later job.</param>
/// <param name="Share">Shape [gpuTypes]; share of the time in [0, 1].</param>
public readonly record struct PairShare(int First, int Second, double[] Share);

/// <summary>Shares of the time, shape [jobs, gpuTypes], each in [0, 1]; with its pairs, a job's row sums to at most 1.</summary>
public sealed class Shares
{
    private double[] _values = [];

    /// <summary>Rows.</summary>
    public int Jobs { get; private set; }

    /// <summary>Columns.</summary>
    public int Types { get; private set; }

    /// <summary>The pairs of a policy that packs; empty for the others.</summary>
    public List<PairShare> Pairs { get; } = [];

    /// <summary>A job's shares of its GPUs to itself.</summary>
    public Span<double> Row(int job) => _values.AsSpan(job * Types, Types);

    /// <summary>All zero, for so many jobs.</summary>
    public void Reset(int jobs, int types)
    {
        (Jobs, Types) = (jobs, types);
        if (_values.Length < jobs * types)
            _values = new double[Math.Max(jobs * types, _values.Length * 2)];
        Array.Clear(_values, 0, jobs * types);
        Pairs.Clear();
    }

    /// <summary>Takes back what rounding gave above a job's time or the GPUs there are.</summary>
    internal void Fit(AllocationRequest request)
    {
        Span<double> used = stackalloc double[Types];
        var time = new double[Jobs];
        for (var job = 0; job < Jobs; job++)
            for (var type = 0; type < Types; type++)
            {
                time[job] += Row(job)[type];
                used[type] += Row(job)[type] * request.Jobs[job].Gpus;
            }

        foreach (var (first, second, share) in Pairs)
            for (var type = 0; type < Types; type++)
            {
                time[first] += share[type];
                time[second] += share[type];
                used[type] += share[type] * request.Jobs[first].Gpus;
            }

        for (var type = 0; type < Types; type++)
        {
            var over = Math.Max(1, used[type] / request.Cluster.Pools[type].Gpus);
            for (var job = 0; job < Jobs; job++)
                Row(job)[type] /= Math.Max(1, time[job]) * over;
            foreach (var (first, second, share) in Pairs)
                share[type] /= Math.Max(1, Math.Max(time[first], time[second])) * over;
        }
    }

    /// <summary>Steps per second that a job gets from these shares.</summary>
    public double Throughput(int row, ScheduledJob job)
    {
        var sum = 0.0;
        var shares = Row(row);
        for (var type = 0; type < Types; type++)
            sum += job.Throughput[type] * shares[type];
        return sum;
    }
}
