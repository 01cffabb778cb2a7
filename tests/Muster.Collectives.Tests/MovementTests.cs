using Muster.Worker.Collectives;

namespace Muster.Collectives.Tests;

/// <summary>Calls that move bytes without changing them, and what every call costs.</summary>
public sealed class MovementTests
{
    public static TheoryData<int, string> Worlds() => ReductionTests.Worlds();

    [Theory, MemberData(nameof(Worlds))]
    public void Gather_puts_every_shard_in_rank_order(int worldSize, string transport)
    {
        var options = World.Options(Enum.Parse<CollectiveTransport>(transport)) with { ChunkBytes = 8192, SmallMessageBytesMax = 4096 };

        World.Run(worldSize, options, group =>
        {
            foreach (var count in new[] { 0, 1, 5, 2048, 30_001 })
            {
                var all = new int[count * worldSize];
                var shard = Enumerable.Range(0, count).Select(i => (group.Rank * 1_000_000) + i).ToArray();
                group.AllGather<int>(shard, all);
                Assert.Equal(Enumerable.Range(0, count * worldSize).Select(i => (i / count * 1_000_000) + (i % count)), all);

                all.AsSpan().Clear();
                shard.CopyTo(all, count * group.Rank);
                group.AllGather<int>(all.AsSpan(count * group.Rank, count), all);   // in place
                Assert.Equal(Enumerable.Range(0, count * worldSize).Select(i => (i / count * 1_000_000) + (i % count)), all);
            }
        });
    }

    [Theory, MemberData(nameof(Worlds))]
    public void Broadcast_gives_everybody_the_roots_bytes(int worldSize, string transport)
    {
        var options = World.Options(Enum.Parse<CollectiveTransport>(transport)) with { ChunkBytes = 8192, SmallMessageBytesMax = 4096 };

        World.Run(worldSize, options, group =>
        {
            foreach (var count in new[] { 0, 1, 8192, 100_003 })
            {
                for (var root = 0; root < worldSize; root++)
                {
                    var wanted = Enumerable.Range(0, count).Select(i => (byte)((i * 7) + root)).ToArray();
                    var data = group.Rank == root ? (byte[])wanted.Clone() : new byte[count];
                    group.Broadcast(data.AsSpan(), root);
                    Assert.Equal(wanted, data);
                }
            }
        });
    }

    [Theory, MemberData(nameof(Worlds))]
    public void Nobody_leaves_a_barrier_before_everybody_has_come(int worldSize, string transport)
    {
        const int Rounds = 200;
        var arrivals = new int[Rounds];

        World.Run(worldSize, World.Options(Enum.Parse<CollectiveTransport>(transport)), group =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                Interlocked.Increment(ref arrivals[round]);
                group.Barrier();
                Assert.Equal(worldSize, Volatile.Read(ref arrivals[round]));
            }
        });
    }

    /// <remarks>Rounds differ in nothing, and a collection before each takes whatever a cache holds weakly. The runtime charges
    /// a thread for what it makes once per process, at any time; what a call makes, it makes in every round.</remarks>
    [Theory, MemberData(nameof(Worlds))]
    public void No_call_allocates(int worldSize, string transport)
    {
        const int Rounds = 6;
        var options = World.Options(Enum.Parse<CollectiveTransport>(transport)) with { ChunkBytes = 64 * 1024 };

        World.Run(worldSize, options, group =>
        {
            var floats = new float[100_000];
            var halves = new Half[10_000];
            var all = new float[1000 * worldSize];
            var allocated = new long[Rounds];
            for (var round = 0; round < Rounds; round++)
            {
                if (group.Rank == 0)
                    GC.Collect();
                group.Barrier();
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var i = 0; i < 5; i++)
                {
                    group.AllReduce(floats, ReduceOperation.Mean);
                    group.AllReduce(floats.AsSpan(0, 100), ReduceOperation.Sum);
                    group.AllReduce(halves, ReduceOperation.Max);
                    group.ReduceScatter(all, floats.AsSpan(0, 1000), ReduceOperation.Sum);
                    group.AllGather<float>(floats.AsSpan(0, 1000), all);
                    group.Broadcast<float>(floats, worldSize - 1);
                    group.Barrier();
                }

                allocated[round] = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Assert.Contains(0, allocated);
        });
    }

    [Fact]
    public void A_random_mix_of_calls_keeps_all_ranks_in_step()
    {
        foreach (var transport in World.Transports)
        {
            var options = World.Options(transport) with { ChunkBytes = 4096, SmallMessageBytesMax = 2048 };
            World.Run(4, options, group =>
            {
                var random = new Muster.Primitives.SeededRandom(World.Seed);   // the same on all ranks
                for (var call = 0; call < 400; call++)
                {
                    var count = random.Next(3) == 0 ? random.Next(8) : random.Next(6000);
                    Step(group, random.Next(5), count, random.Next(4), call);
                }
            });
        }
    }

    private static void Step(CollectiveGroup group, int kind, int count, int root, int call)
    {
        var mine = Enumerable.Repeat((float)(group.Rank + 1 + call), count).ToArray();
        var all = new float[4 * count];
        switch (kind)
        {
            case 0:
                group.AllReduce(mine, ReduceOperation.Sum);
                Assert.All(mine, value => Assert.Equal(10 + (4 * call), value));
                break;
            case 1:
                Array.Fill(all, group.Rank);
                group.ReduceScatter(all, mine, ReduceOperation.Max);
                Assert.All(mine, value => Assert.Equal(3, value));
                break;
            case 2:
                group.AllGather<float>(mine, all);
                for (var i = 0; i < all.Length; i++)
                    Assert.Equal((i / count) + 1 + call, all[i]);
                break;
            case 3:
                group.Broadcast<float>(mine, root);
                Assert.All(mine, value => Assert.Equal(root + 1 + call, value));
                break;
            default:
                group.Barrier();
                break;
        }
    }
}
