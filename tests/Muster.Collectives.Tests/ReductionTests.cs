using System.Numerics;
using System.Runtime.InteropServices;
using Muster.Worker.Collectives;

namespace Muster.Collectives.Tests;

/// <summary>Every operation on every type, against the oracle, bit for bit.</summary>
public sealed class ReductionTests
{
    private static readonly ReduceOperation[] Operations = Enum.GetValues<ReduceOperation>();

    public static TheoryData<int, string> Worlds()
    {
        var data = new TheoryData<int, string>();
        foreach (var worldSize in new[] { 1, 2, 3, 4, 5, 8 })
        {
            foreach (var transport in worldSize == 1 ? [CollectiveTransport.Auto] : World.Transports)
                data.Add(worldSize, transport.ToString());
        }

        return data;
    }

    [Theory, MemberData(nameof(Worlds))]
    public void All_ranks_get_what_the_oracle_says_bit_for_bit(int worldSize, string transport)
    {
        var options = World.Options(Enum.Parse<CollectiveTransport>(transport)) with { ChunkBytes = 8192, SmallMessageBytesMax = 4096 };
        int[] counts = [0, 1, 7, 64, 1023, 4099, 40_001];   // both sides of "small", one chunk and many, whole and uneven

        World.Run(worldSize, options, group =>
        {
            foreach (var count in counts)
            {
                foreach (var operation in Operations)
                {
                    Check<float>(group, count, operation, (g, data) => g.AllReduce(data, operation), Oracle.Reduce);
                    Check<double>(group, count, operation, (g, data) => g.AllReduce(data, operation), Oracle.Reduce);
                    Check<Half>(group, count, operation, (g, data) => g.AllReduce(data, operation), Oracle.ReduceHalf);
                }
            }
        });
    }

    [Theory, MemberData(nameof(Worlds))]
    public void Reduce_scatter_leaves_each_rank_its_part_of_the_all_reduce(int worldSize, string transport)
    {
        var options = World.Options(Enum.Parse<CollectiveTransport>(transport)) with { ChunkBytes = 8192, SmallMessageBytesMax = 4096 };
        int[] shards = [0, 1, 33, 1000, 9001];

        World.Run(worldSize, options, group =>
        {
            foreach (var shard in shards)
            {
                foreach (var operation in Operations)
                {
                    Scatter<float>(group, shard, operation, (g, data, part) => g.ReduceScatter(data, part, operation), Oracle.Reduce);
                    Scatter<double>(group, shard, operation, (g, data, part) => g.ReduceScatter(data, part, operation), Oracle.Reduce);
                    Scatter<Half>(group, shard, operation, (g, data, part) => g.ReduceScatter(data, part, operation), Oracle.ReduceHalf);
                }
            }
        });
    }

    [Fact]
    public void The_bits_do_not_depend_on_transport_chunk_or_run()
    {
        const int WorldSize = 3;
        var results = new List<float[]>();
        var wanted = Oracle.Reduce(Inputs<float>(WorldSize, 100_003), ReduceOperation.Sum);

        foreach (var transport in World.Transports)
        {
            foreach (var (chunk, small) in new[] { (4096, 0), (100_000, 100_000), (4 << 20, 4 << 20) })
            {
                var options = World.Options(transport) with { ChunkBytes = chunk, SmallMessageBytesMax = small };
                World.Run(WorldSize, options, group =>
                {
                    var data = Inputs<float>(WorldSize, 100_003)[group.Rank];
                    group.AllReduce(data, ReduceOperation.Sum);
                    lock (results)
                        results.Add(data);
                });
            }
        }

        Assert.Equal(27, results.Count);
        Assert.All(results, data => AssertSameBits<float>(wanted, data, "float sum"));
    }

    [Theory, InlineData("SharedMemory"), InlineData("UnixSocket"), InlineData("Tcp")]
    public void A_large_all_reduce_with_default_options_agrees_with_the_oracle(string transport)
    {
        const int WorldSize = 2;
        const int Count = 3_000_001;
        var inputs = Inputs<float>(WorldSize, Count);
        var wanted = Oracle.Reduce(inputs, ReduceOperation.Mean);

        World.Run(WorldSize, World.Options(Enum.Parse<CollectiveTransport>(transport)), group =>
        {
            for (var run = 0; run < 3; run++)
            {
                var data = (float[])inputs[group.Rank].Clone();
                group.AllReduce(data, ReduceOperation.Mean);
                AssertSameBits<float>(wanted, data, "large mean");
            }
        });
    }

    [Fact]
    public unsafe void Halves_convert_as_the_runtime_converts_them()
    {
        var halves = Enumerable.Range(0, 65536).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)).ToArray();
        var floats = new float[halves.Length];
        var random = new Muster.Primitives.SeededRandom(World.Seed);
        var sources = Enumerable.Range(0, 1_000_003).Select(_ => BitConverter.UInt32BitsToSingle((uint)random.NextUInt64())).ToArray();
        var narrowed = new Half[sources.Length];

        fixed (Half* from = halves)
        fixed (float* to = floats)
            HalfConversion.Widen((ushort*)from, to, halves.Length);
        fixed (float* from = sources)
        fixed (Half* to = narrowed)
            HalfConversion.Narrow(from, (ushort*)to, sources.Length);

        AssertSameBits<float>(halves.Select(value => (float)value).ToArray(), floats, "widen");
        AssertSameBits<Half>(sources.Select(value => (Half)value).ToArray(), narrowed, $"narrow, seed {World.Seed}");
    }

    internal static T[][] Inputs<T>(int worldSize, int count) where T : unmanaged, IFloatingPointIeee754<T> =>
        [.. Enumerable.Range(0, worldSize).Select(rank => Oracle.Values<T>(count, (World.Seed * 1000) + (ulong)((rank * 31) + count)))];

    internal static void AssertSameBits<T>(T[] wanted, T[] got, string what) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var same = MemoryMarshal.AsBytes<T>(wanted).SequenceEqual(MemoryMarshal.AsBytes<T>(got));
        for (var i = 0; !same && i < wanted.Length; i++)
        {
            if (!wanted[i].Equals(got[i]) || (T.IsNegative(wanted[i]) != T.IsNegative(got[i]) && !T.IsNaN(wanted[i])))
                Assert.Fail($"{what}: position {i} of {wanted.Length} is {got[i]:R}, must be {wanted[i]:R} (seed {World.Seed})");
        }
    }

    private static void Check<T>(
        CollectiveGroup group, int count, ReduceOperation operation, Action<CollectiveGroup, T[]> call,
        Func<T[][], ReduceOperation, T[]> oracle) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var inputs = Inputs<T>(group.WorldSize, count);
        var wanted = group.WorldSize == 1 ? inputs[0] : oracle(inputs, operation);
        var data = (T[])inputs[group.Rank].Clone();
        call(group, data);
        AssertSameBits(wanted, data, $"{operation} of {count} {typeof(T).Name}, {group.WorldSize} ranks over {group.Transport}");
    }

    private static void Scatter<T>(
        CollectiveGroup group, int shard, ReduceOperation operation, Action<CollectiveGroup, T[], T[]> call,
        Func<T[][], ReduceOperation, T[]> oracle) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var inputs = Inputs<T>(group.WorldSize, shard * group.WorldSize);
        var before = (T[])inputs[group.Rank].Clone();
        var wanted = group.WorldSize == 1 ? inputs[0] : oracle(inputs, operation);
        var part = new T[shard];
        call(group, inputs[group.Rank], part);
        AssertSameBits(wanted[(shard * group.Rank)..(shard * (group.Rank + 1))], part, $"scatter {operation} of {shard} {typeof(T).Name}");
        AssertSameBits(before, inputs[group.Rank], "the input of a scatter");
    }
}
