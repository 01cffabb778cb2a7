using Muster.Scheduling.Rounds;
using Muster.Scheduling.Solvers;
using Muster.Scheduling.Throughputs;

namespace Muster.Scheduling.Policies;

/// <summary>Jobs that a policy cannot tell apart, taken together: equal jobs get equal shares, and solvers see few rows.</summary>
internal sealed class JobClasses
{
    private readonly Dictionary<(JobKind Kind, double Weight), int> _rows = [];
    private readonly List<ScheduledJob> _first = [];
    private readonly List<int> _count = [];
    private readonly List<int> _classOf = [];

    /// <summary>Groups the jobs of a request by kind and by what <paramref name="key"/> adds.</summary>
    public JobClasses(AllocationRequest request, Func<ScheduledJob, double> key)
    {
        foreach (var job in request.Jobs)
        {
            if (!_rows.TryGetValue((job.Kind, key(job)), out var row))
            {
                row = _first.Count;
                _rows[(job.Kind, key(job))] = row;
                _first.Add(job);
                _count.Add(0);
            }

            _count[row]++;
            _classOf.Add(row);
        }
    }

    /// <summary>Classes.</summary>
    public int Rows => _first.Count;

    /// <summary>A job of the class.</summary>
    public ScheduledJob Example(int row) => _first[row];

    /// <summary>Jobs of the class.</summary>
    public int Count(int row) => _count[row];

    /// <summary>The class of each job of the request.</summary>
    public IReadOnlyList<int> ClassOf => _classOf;

    /// <summary>The classes as a problem: rates as given, 0 on types with fewer GPUs than the gang.</summary>
    public SharingProblem Problem(AllocationRequest request, Func<ScheduledJob, int, double> rate)
    {
        var types = request.Cluster.Types;
        var (rates, use) = (new double[Rows * types], new double[Rows]);
        for (var row = 0; row < Rows; row++)
        {
            var job = _first[row];
            use[row] = (double)_count[row] * job.Gpus;
            for (var type = 0; type < types; type++)
                rates[row * types + type] = job.Gpus <= request.Cluster.Pools[type].Gpus && job.Throughput[type] > 0 ? rate(job, type) : 0;
        }

        return new SharingProblem(rates, use, [.. request.Cluster.Pools.Select(pool => (double)pool.Gpus)]);
    }

    /// <summary>Gives every job its class's shares.</summary>
    public void Spread(double[] shares, int types, Shares into)
    {
        for (var job = 0; job < _classOf.Count; job++)
        {
            var row = into.Row(job);
            for (var type = 0; type < types; type++)
                row[type] = Math.Min(1, shares[_classOf[job] * types + type]);
        }
    }
}
