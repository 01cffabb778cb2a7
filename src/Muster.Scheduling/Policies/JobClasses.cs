using Muster.Scheduling.Rounds;
using Muster.Scheduling.Solvers;
using Muster.Scheduling.Throughputs;

namespace Muster.Scheduling.Policies;

/// <summary>Jobs that a policy cannot tell apart, taken together: equal jobs get equal shares, and solvers see few rows.</summary>
internal sealed class JobClasses
{
    private readonly Dictionary<(JobKind Kind, double Key), int> _rows = [];   // looked up, never walked
    private readonly List<ScheduledJob> _first = [];
    private readonly List<double> _keys = [];
    private readonly List<int> _count = [];
    private readonly int[] _classOf;
    private int[] _rowOfKind = [];

    /// <summary>Groups the jobs of a request by kind and by what <paramref name="key"/> adds.</summary>
    public JobClasses(AllocationRequest request, Func<ScheduledJob, double> key)
    {
        _classOf = new int[request.Jobs.Count];
        for (var at = 0; at < _classOf.Length; at++)
        {
            var job = request.Jobs[at];
            var own = key(job);
            // Most jobs have the key of the first of their kind: one look into an array.
            var row = job.Kind.Index >= 0 && job.Kind.Index < _rowOfKind.Length ? _rowOfKind[job.Kind.Index] - 1 : -1;
            if (row < 0 || _keys[row] != own || _first[row].Kind != job.Kind)
                row = Find(job, own);
            _count[row]++;
            _classOf[at] = row;
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

    private int Find(ScheduledJob job, double key)
    {
        if (_rows.TryGetValue((job.Kind, key), out var row))
            return row;
        row = _first.Count;
        _rows[(job.Kind, key)] = row;
        _first.Add(job);
        _keys.Add(key);
        _count.Add(0);
        if (job.Kind.Index >= _rowOfKind.Length)
            Array.Resize(ref _rowOfKind, Math.Max(128, job.Kind.Index * 2));
        if (job.Kind.Index >= 0 && _rowOfKind[job.Kind.Index] == 0)
            _rowOfKind[job.Kind.Index] = row + 1;
        return row;
    }

    /// <summary>Gives every job its class's shares.</summary>
    public void Spread(double[] shares, int types, Shares into)
    {
        for (var job = 0; job < _classOf.Length; job++)
        {
            var row = into.Row(job);
            for (var type = 0; type < types; type++)
                row[type] = Math.Min(1, shares[_classOf[job] * types + type]);
        }
    }
}
