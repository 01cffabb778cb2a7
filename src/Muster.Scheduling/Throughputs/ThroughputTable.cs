using System.Collections.Immutable;
using Muster.Scheduling.Clusters;

namespace Muster.Scheduling.Throughputs;

/// <summary>How fast each kind of job runs on each GPU type.</summary>
public sealed class ThroughputTable
{
    private readonly SortedDictionary<(string Model, int ScaleFactor), JobKind> _kinds;

    internal ThroughputTable(ImmutableArray<string> types, IEnumerable<JobKind> kinds)
    {
        Types = types;
        _kinds = new SortedDictionary<(string Model, int ScaleFactor), JobKind>(
            kinds.ToDictionary(kind => (kind.Model, kind.ScaleFactor)),
            Comparer<(string Model, int ScaleFactor)>.Create((a, b) =>
                string.CompareOrdinal(a.Model, b.Model) is var order and not 0 ? order : a.ScaleFactor.CompareTo(b.ScaleFactor)));
        var index = 0;
        foreach (var kind in _kinds.Values)
            kind.Index = index++;
        Speeds = [.. Enumerable.Range(0, types.Length).Select(type => MeanSpeed(_kinds.Values, type))];
        FastestType = Enumerable.Range(0, types.Length).MaxBy(type => Speeds[type]);
    }

    /// <summary>GPU types in ordinal order; the columns of every row.</summary>
    public ImmutableArray<string> Types { get; }

    /// <summary>Mean speed of each type over all kinds, each kind's best type counting 1.</summary>
    public ImmutableArray<double> Speeds { get; }

    /// <summary>The index of the type with the highest mean speed.</summary>
    public int FastestType { get; }

    /// <summary>Every kind, in the order of model and GPUs.</summary>
    public IEnumerable<JobKind> Kinds => _kinds.Values;

    /// <summary>The kind, or null where the table does not know it.</summary>
    public JobKind? Find(string model, int scaleFactor) => _kinds.GetValueOrDefault((model, scaleFactor));

    /// <summary>The kind of a job that must be known.</summary>
    /// <exception cref="SchedulingInputException">The table lacks it; the text names what it has.</exception>
    public JobKind Require(string model, int scaleFactor)
    {
        if (Find(model, scaleFactor) is { } kind)
            return kind;
        var sizes = _kinds.Keys.Where(key => key.Model == model).Select(key => key.ScaleFactor).ToArray();
        throw new SchedulingInputException(sizes.Length > 0
            ? $"no throughput of '{model}' on {scaleFactor} GPUs; the table has it on {string.Join(", ", sizes)}"
            : $"no throughput of a model '{model}'; the table has {string.Join(", ", _kinds.Keys.Select(key => key.Model).Distinct().Take(5))}, …");
    }

    /// <summary>The same table with a column for each type of a cluster and no others.</summary>
    /// <exception cref="SchedulingInputException">The cluster has a type that the table does not know.</exception>
    public ThroughputTable For(ClusterShape cluster)
    {
        var columns = cluster.Pools.Select(pool => Types.IndexOf(pool.Type)).ToArray();
        if (Array.IndexOf(columns, -1) is >= 0 and var missing)
            throw new SchedulingInputException(
                $"no throughputs for GPU type '{cluster.Pools[missing].Type}'; the table has {string.Join(", ", Types)}");
        var kinds = _kinds.Values.ToDictionary(kind => kind, kind => new JobKind(kind.Model, kind.ScaleFactor, [.. columns.Select(c => kind.Isolated[c])]));
        foreach (var (old, kind) in kinds)
            foreach (var (other, newOther) in kinds)
                if (old.Beside(other) is { } rates)
                    for (var type = 0; type < columns.Length; type++)
                        kind.SetBeside(newOther, type, columns.Length, rates[columns[type]]);
        return new ThroughputTable([.. cluster.Pools.Select(pool => pool.Type)], kinds.Values);
    }

    private static double MeanSpeed(IEnumerable<JobKind> kinds, int type)
    {
        var (sum, count) = (0.0, 0);
        foreach (var kind in kinds)
        {
            var best = kind.Isolated.Max();
            sum += best > 0 ? kind.Isolated[type] / best : 0;
            count++;
        }

        return count == 0 ? 0 : sum / count;
    }
}
