using Muster.Scheduling.Rounds;
using Muster.Scheduling.Solvers;

namespace Muster.Scheduling.Policies;

/// <summary>Every job as a row of its own. A policy blind to types sees one type with all GPUs, and spreads its shares as the GPUs are.</summary>
internal sealed class JobRows
{
    private readonly AllocationRequest _request;
    private readonly bool _aware;

    /// <summary>Makes the problem.</summary>
    /// <param name="request">The jobs.</param>
    /// <param name="aware">Whether types differ.</param>
    /// <param name="rates">What a whole share of each type brings; the blind use the highest.</param>
    public JobRows(AllocationRequest request, bool aware, Func<ScheduledJob, double[]> rates)
    {
        (_request, _aware) = (request, aware);
        var (cluster, jobs) = (request.Cluster, request.Jobs);
        var types = aware ? cluster.Types : 1;
        var (rate, use) = (new double[jobs.Count * types], new double[jobs.Count]);
        for (var row = 0; row < jobs.Count; row++)
        {
            use[row] = jobs[row].Gpus;
            var all = rates(jobs[row]);
            for (var type = 0; type < cluster.Types; type++)
                if (jobs[row].Gpus <= cluster.Pools[type].Gpus)
                {
                    var at = row * types + (aware ? type : 0);
                    rate[at] = Math.Max(rate[at], all[type]);
                }
        }

        Problem = new SharingProblem(rate, use, aware ? [.. cluster.Pools.Select(pool => (double)pool.Gpus)] : [cluster.Gpus]);
    }

    public SharingProblem Problem { get; }

    public void Spread(double[] solved, Shares into)
    {
        var types = _request.Cluster.Types;
        for (var row = 0; row < _request.Jobs.Count; row++)
        {
            var to = into.Row(row);
            for (var type = 0; type < types; type++)
                to[type] = Math.Min(1, _aware
                    ? solved[row * types + type] : solved[row] * _request.Cluster.Pools[type].Gpus / _request.Cluster.Gpus);
        }
    }
}
