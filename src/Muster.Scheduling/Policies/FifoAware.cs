namespace Muster.Scheduling.Policies;

/// <summary>First come, first served, each on the fastest type that has room.</summary>
/// <remarks>Source: Narayanan et al., OSDI 2020, section 4.2 (FIFO, heterogeneity-aware).</remarks>
public sealed class FifoAware : Policy
{
    private int[] _free = [];

    /// <inheritdoc/>
    public override string Name => "fifo_perf";

    /// <inheritdoc/>
    public override bool KnowsTypes => true;

    /// <inheritdoc/>
    public override bool OnlyAllocated => true;

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        var types = request.Cluster.Types;
        if (_free.Length != types)
            _free = new int[types];
        for (var type = 0; type < types; type++)
            _free[type] = request.Cluster.Pools[type].Gpus;
        for (var row = 0; row < request.Jobs.Count; row++)
        {
            var job = request.Jobs[row];
            var best = Fastest(job.Throughput, job.Gpus);
            if (best < 0)
                return;   // head of line: whoever came later does not overtake
            if (!(job.Throughput[best] > 0))
                continue;
            shares.Row(row)[best] = 1;
            _free[best] -= job.Gpus;
        }
    }

    private int Fastest(double[] throughput, int gpus)
    {
        var best = -1;
        for (var type = 0; type < _free.Length; type++)
            if (_free[type] >= gpus && (best < 0 || throughput[type] > throughput[best]))
                best = type;
        return best;
    }
}
