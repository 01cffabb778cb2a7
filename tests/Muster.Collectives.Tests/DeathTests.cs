using Muster.Worker.Collectives;

namespace Muster.Collectives.Tests;

/// <summary>Ranks that end or stop while others need them. Real processes, real signals.</summary>
public sealed class DeathTests
{
    private const int WorldSize = 4;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("SharedMemory", 2, 100), InlineData("SharedMemory", 0, 2_000_000)]
    [InlineData("UnixSocket", 0, 100), InlineData("UnixSocket", 2, 2_000_000)]
    [InlineData("Tcp", 3, 100), InlineData("Tcp", 0, 2_000_000)]
    public void A_killed_rank_is_named_by_all_others_long_before_the_time_limit(string transport, int victim, int count)
    {
        var before = SharedFiles();
        var ranks = ChildRank.Start(WorldSize, Enum.Parse<CollectiveTransport>(transport), TimeSpan.FromMinutes(5), count);
        foreach (var rank in ranks)
            rank.AwaitRunning();

        ranks[victim].Signal(ChildRank.Kill);

        foreach (var survivor in ranks.Where(rank => rank != ranks[victim]))
        {
            var failure = survivor.Failure();
            Assert.Equal((CollectiveFailure.PeerDied, victim), (failure.Reason, failure.Rank));
            Assert.InRange(failure.Seconds, 0, 10);
        }

        foreach (var rank in ranks)
            rank.Dispose();
        Assert.Equal(before, SharedFiles());
    }

    [Theory]
    [InlineData("SharedMemory", 2, 100), InlineData("SharedMemory", 0, 500_000)]
    [InlineData("UnixSocket", 2, 500_000), InlineData("UnixSocket", 0, 100)]
    [InlineData("Tcp", 2, 100), InlineData("Tcp", 1, 500_000)]
    public void A_stopped_rank_is_named_as_slow_by_all_others_within_the_time_limit(string transport, int victim, int count)
    {
        var ranks = ChildRank.Start(WorldSize, Enum.Parse<CollectiveTransport>(transport), Limit, count);
        foreach (var rank in ranks)
            rank.AwaitRunning();

        ranks[victim].Signal(ChildRank.Stop);

        foreach (var survivor in ranks.Where(rank => rank != ranks[victim]))
        {
            var failure = survivor.Failure();
            Assert.Equal((CollectiveFailure.PeerSlow, victim), (failure.Reason, failure.Rank));
            Assert.InRange(failure.Seconds, 0, Limit.TotalSeconds + 2);
        }

        foreach (var rank in ranks)
            rank.Dispose();
    }

    [Theory, InlineData("SharedMemory"), InlineData("UnixSocket"), InlineData("Tcp")]
    public void A_rank_that_does_not_call_is_named_by_all_others(string transport)
    {
        var options = World.Options(Enum.Parse<CollectiveTransport>(transport)) with { Timeout = TimeSpan.FromSeconds(1) };
        using var failed = new CountdownEvent(WorldSize - 1);

        var errors = World.Try(WorldSize, options, group =>
        {
            group.Barrier();
            if (group.Rank == 1)
            {
                failed.Wait();
                return;
            }

            try
            {
                group.AllReduce(new float[10_000], ReduceOperation.Sum);
            }
            finally
            {
                failed.Signal();
            }
        });

        foreach (var rank in new[] { 0, 2, 3 })
            AssertBlames(errors[rank], CollectiveFailure.PeerSlow, 1);
    }

    [Theory, InlineData("SharedMemory"), InlineData("UnixSocket"), InlineData("Tcp")]
    public void A_rank_that_leaves_is_named_by_those_who_still_need_it(string transport)
    {
        var errors = World.Try(WorldSize, World.Options(Enum.Parse<CollectiveTransport>(transport)), group =>
        {
            group.Barrier();
            if (group.Rank != 2)
                group.Barrier();
        });

        Assert.Null(errors[2]);
        foreach (var rank in new[] { 0, 1, 3 })
            AssertBlames(errors[rank], CollectiveFailure.PeerLeft, 2);
    }

    [Theory, InlineData("SharedMemory"), InlineData("UnixSocket"), InlineData("Tcp")]
    public void Leaving_right_after_the_last_call_disturbs_nobody(string transport)
    {
        for (var round = 0; round < 10; round++)
        {
            World.Run(WorldSize, World.Options(Enum.Parse<CollectiveTransport>(transport)), group =>
            {
                var data = new float[300_000];
                Array.Fill(data, 1);
                group.AllReduce(data, ReduceOperation.Sum);
                Assert.Equal(WorldSize, data[^1]);
            });
        }
    }

    [Fact]
    public void After_a_failure_every_call_fails_in_the_same_way()
    {
        World.Try(2, World.Options(CollectiveTransport.SharedMemory), group =>
        {
            if (group.Rank == 1)
                return;
            var first = Assert.Throws<CollectiveException>(() => group.Barrier());
            var second = Assert.Throws<CollectiveException>(() => group.AllReduce(new float[3], ReduceOperation.Sum));
            Assert.Equal((first.Reason, first.Rank), (second.Reason, second.Rank));
        }).ToList().ForEach(Assert.Null);
    }

    internal static void AssertBlames(Exception? error, CollectiveFailure reason, int rank)
    {
        var failure = Assert.IsType<CollectiveException>(error);
        Assert.True((failure.Reason, failure.Rank) == (reason, rank), $"must blame {reason} of {rank}: {failure.Message}");
    }

    internal static string[] SharedFiles() =>
        [.. Directory.GetFiles("/dev/shm").Where(name => name.Contains("muster", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
