using Muster.Scheduling.Rounds;
using Muster.Scheduling.Solvers;

namespace Muster.Scheduling.Policies;

/// <summary>AlloX: jobs and places in the types' queues are matched so that the sum of completion times is smallest.</summary>
/// <remarks>
/// A job at the k-th place from the end of a queue of type j delays k jobs, itself included, so it costs k × its time there; the matching of
/// least cost is a transportation problem. Whoever comes first in a queue runs. Source: Le et al., AlloX, EuroSys 2020. Gangs count their
/// time once per GPU.
/// </remarks>
public sealed class AlloX : Policy
{
    /// <summary>Jobs matched at a time: those with the least time left; the others would come later anyway.</summary>
    public const int JobsMax = 400;

    /// <inheritdoc/>
    public override string Name => "allox";

    /// <inheritdoc/>
    public override bool KnowsTypes => true;

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        var rows = Enumerable.Range(0, request.Jobs.Count).Where(row => request.Jobs[row].FitsSomewhere(request.Cluster))
            .OrderBy(row => ShortestJobFirst.SecondsLeft(request.Jobs[row])).Take(JobsMax).ToArray();
        if (rows.Length == 0)
            return;
        var (typeOf, placeOf, cost) = (new List<int>(), new List<int>(), new List<int>());
        var demand = rows.Sum(row => request.Jobs[row].Gpus);
        for (var type = 0; type < request.Cluster.Types; type++)
            for (var place = 1; (place - 1) * request.Cluster.Pools[type].Gpus < demand; place++)
            {
                typeOf.Add(type);
                placeOf.Add(place);
                cost.Add(request.Cluster.Pools[type].Gpus);
            }

        var slots = Transportation.Assign(
            rows.Length, [.. cost], (job, slot) => placeOf[slot] * Seconds(request, request.Jobs[rows[job]], typeOf[slot]), job => request.Jobs[rows[job]].Gpus);
        Run(request, shares, rows, [.. slots.Select(slot => (typeOf[slot], placeOf[slot]))]);
    }

    private static double Seconds(AllocationRequest request, ScheduledJob job, int type) =>
        job.Throughput[type] > 0 && job.Gpus <= request.Cluster.Pools[type].Gpus ? job.StepsRemaining / job.Throughput[type] * job.Gpus : 1e15;

    /// <summary>Of each queue those farthest from its end run, as many as fit.</summary>
    private static void Run(AllocationRequest request, Shares shares, int[] rows, (int Type, int Place)[] slots)
    {
        int[] free = [.. request.Cluster.Pools.Select(pool => pool.Gpus)];
        foreach (var i in Enumerable.Range(0, rows.Length).OrderByDescending(i => slots[i].Place))
        {
            var (job, type) = (request.Jobs[rows[i]], slots[i].Type);
            if (!(job.Throughput[type] > 0))
                continue;
            if (job.Gpus > free[type])
            {
                free[type] = 0;   // whoever comes later does not overtake a gang that waits for its GPUs
                continue;
            }

            free[type] -= job.Gpus;
            shares.Row(rows[i])[type] = 1;
        }
    }
}
