using System.Collections.Immutable;
using System.Globalization;

namespace Muster.Scheduling.Clusters;

/// <summary>The GPUs of one type.</summary>
/// <param name="Type">The type's name, as throughput tables and cluster descriptions write it.</param>
/// <param name="Gpus">Whole GPUs, at least 1.</param>
/// <param name="GpusPerServer">GPUs of one server, at least 1; <paramref name="Gpus"/> is a multiple of it.</param>
public sealed record GpuPool(string Type, int Gpus, int GpusPerServer = 1);

/// <summary>How many GPUs of which type there are. Types are in ordinal order of their names, which is the order of every row.</summary>
public sealed record ClusterShape
{
    /// <summary>More GPUs than any cluster this is meant for; a larger description is refused as a slip of the keyboard.</summary>
    public const int GpusMax = 1_000_000;

    /// <summary>Limit on the types of one cluster: solvers keep prices per type.</summary>
    public const int TypesMax = 32;

    /// <summary>Sorts and checks the pools.</summary>
    /// <exception cref="SchedulingInputException">No pool, a type twice, or a count out of range.</exception>
    public ClusterShape(IEnumerable<GpuPool> pools)
    {
        Pools = [.. pools.OrderBy(pool => pool.Type, StringComparer.Ordinal)];
        if (Pools.Length is 0 or > TypesMax)
            throw new SchedulingInputException($"a cluster has 1 to {TypesMax} GPU types, not {Pools.Length}");
        for (var i = 0; i < Pools.Length; i++)
        {
            var pool = Pools[i];
            if (i > 0 && Pools[i - 1].Type == pool.Type)
                throw new SchedulingInputException($"GPU type '{pool.Type}' is named twice; add its counts up");
            if (pool.Gpus is < 1 or > GpusMax)
                throw new SchedulingInputException($"'{pool.Type}:{pool.Gpus}': a type has 1 to {GpusMax} GPUs; leave out a type that has none");
            if (pool.GpusPerServer < 1 || pool.Gpus % pool.GpusPerServer != 0)
                throw new SchedulingInputException(
                    $"'{pool.Type}:{pool.Gpus}/{pool.GpusPerServer}': the GPUs of a type fill whole servers; choose a divisor of {pool.Gpus}");
        }

        FirstWorker = [.. Enumerable.Range(0, Pools.Length + 1).Select(i => Pools.Take(i).Sum(pool => pool.Gpus))];
    }

    /// <summary>One per type.</summary>
    public ImmutableArray<GpuPool> Pools { get; }

    /// <summary>The number of types.</summary>
    public int Types => Pools.Length;

    /// <summary>All GPUs.</summary>
    public int Gpus => FirstWorker[^1];

    /// <summary>Worker ids count up over the types; a type's ids begin here. One more entry than types: the end.</summary>
    public ImmutableArray<int> FirstWorker { get; }

    /// <summary>The most GPUs of one type: no gang larger than this ever runs.</summary>
    public int LargestPool => Pools.Max(pool => pool.Gpus);

    /// <summary>The row index of a type, or -1.</summary>
    public int IndexOf(string type)
    {
        for (var i = 0; i < Pools.Length; i++)
            if (Pools[i].Type == type)
                return i;
        return -1;
    }

    /// <summary>Reads <c>v100:36,p100:36,k80:36</c>; <c>v100:36/4</c> puts four GPUs in each server.</summary>
    /// <exception cref="SchedulingInputException">It does not read so; the text says where.</exception>
    public static ClusterShape Parse(string text)
    {
        var pools = new List<GpuPool>();
        var column = 1;
        foreach (var part in text.Split(','))
        {
            var colon = part.IndexOf(':');
            var slash = part.IndexOf('/');
            var count = colon < 0 ? "" : part[(colon + 1)..(slash < 0 ? part.Length : Math.Max(slash, colon + 1))];
            if (colon < 1 || !Whole(count, out var gpus))
                throw new SchedulingInputException($"cluster '{text}', column {column}: '{part}' is not TYPE:COUNT, such as v100:36");
            var perServer = 1;
            if (slash >= 0 && !Whole(part[(slash + 1)..], out perServer))
                throw new SchedulingInputException($"cluster '{text}', column {column}: '{part}' is not TYPE:COUNT/PER-SERVER, such as v100:36/4");
            if (gpus > 0)
                pools.Add(new GpuPool(part[..colon].Trim(), gpus, perServer));
            column += part.Length + 1;
        }

        return new ClusterShape(pools);
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Join(',', Pools.Reverse().Select(pool =>
        $"{pool.Type}:{pool.Gpus}{(pool.GpusPerServer == 1 ? "" : $"/{pool.GpusPerServer}")}"));

    private static bool Whole(string text, out int value) => int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
