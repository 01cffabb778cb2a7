using Muster.Scheduling.Rounds;

namespace Muster.Scheduling.Policies;

/// <summary>Shortest job first: whoever has the least time left, on the fastest type that has room, goes first.</summary>
/// <remarks>Source: Narayanan et al., OSDI 2020, section 4.2. Ties go to the earlier job.</remarks>
public sealed class ShortestJobFirst : Policy
{
    /// <inheritdoc/>
    public override string Name => "shortest_job_first";

    /// <inheritdoc/>
    public override bool KnowsTypes => true;

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        int[] free = [.. request.Cluster.Pools.Select(pool => pool.Gpus)];
        var order = Enumerable.Range(0, request.Jobs.Count).OrderBy(row => SecondsLeft(request.Jobs[row])).ToList();
        foreach (var row in order)
        {
            var (job, best) = (request.Jobs[row], -1);
            for (var type = 0; type < free.Length; type++)
                if (free[type] >= job.Gpus && job.Throughput[type] > 0 && (best < 0 || job.Throughput[type] > job.Throughput[best]))
                    best = type;
            if (best < 0)
                continue;   // a smaller one may still fit
            shares.Row(row)[best] = 1;
            free[best] -= job.Gpus;
        }
    }

    /// <summary>Time left on the job's fastest type; infinite where it runs nowhere.</summary>
    internal static double SecondsLeft(ScheduledJob job) => job.Throughput.Max() is > 0 and var fastest ? job.StepsRemaining / fastest : double.PositiveInfinity;
}
