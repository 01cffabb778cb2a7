using Muster.Worker.Collectives;

namespace Muster.Collectives.Tests;

/// <summary>Ranks that call different things are told so, before any of them gets a wrong result.</summary>
public sealed class AgreementTests
{
    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var transport in World.Transports)
        {
            foreach (var what in new[] { "size", "operation", "type", "kind", "root" })
                data.Add(transport.ToString(), what);
        }

        return data;
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_rank_that_makes_another_call_is_found_out(string transport, string what)
    {
        var errors = World.Try(3, World.Options(Enum.Parse<CollectiveTransport>(transport)), group =>
        {
            group.Barrier();
            Call(group, what, odd: group.Rank == 1);
            group.Barrier();   // the root of a broadcast needs nobody, so in a ring it finds out at its next call
        });

        Assert.All(errors, error => Assert.Equal(CollectiveFailure.Mismatch, Assert.IsType<CollectiveException>(error).Reason));
        if (transport == "SharedMemory")
            Assert.All(errors, error => DeathTests.AssertBlames(error, CollectiveFailure.Mismatch, 1));
        else   // in a ring, neighbours disagree: one of the two is named, with both calls
            Assert.All(errors, error => Assert.InRange(((CollectiveException)error!).Rank, 0, 1));
    }

    [Fact]
    public void The_story_tells_both_calls()
    {
        var errors = World.Try(2, World.Options(CollectiveTransport.SharedMemory), group => Call(group, "size", odd: group.Rank == 1));

        var stories = string.Join('\n', errors.Select(error => error!.Message));
        Assert.Contains("AllReduce(Sum, 50000 × Single)", stories, StringComparison.Ordinal);
        Assert.Contains("AllReduce(Sum, 49999 × Single)", stories, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_lengths_overlaps_roots_and_operations_are_refused_before_anything_is_sent()
    {
        World.Run(2, World.Options(CollectiveTransport.SharedMemory), group =>
        {
            var data = new float[8];
            Assert.Throws<ArgumentException>(() => group.ReduceScatter(data, new float[3], ReduceOperation.Sum));
            Assert.Throws<ArgumentException>(() => group.ReduceScatter(data, data.AsSpan(0, 4), ReduceOperation.Sum));
            Assert.Throws<ArgumentException>(() => group.AllGather<float>(new float[3], data));
            Assert.Throws<ArgumentException>(() => group.AllGather<float>(data.AsSpan(1, 4), data));
            Assert.Throws<ArgumentOutOfRangeException>(() => group.Broadcast<float>(data, 2));
            Assert.Throws<ArgumentOutOfRangeException>(() => group.Broadcast<float>(data, -1));
            Assert.Throws<ArgumentOutOfRangeException>(() => group.AllReduce(data, (ReduceOperation)9));
            group.Barrier();   // and the group is as good as before
        });
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        var member = World.Member(0, 1, 1);
        foreach (var options in new CollectiveOptions[]
        {
            new() { Timeout = TimeSpan.Zero }, new() { MeetingTimeout = TimeSpan.FromDays(8) }, new() { ChunkBytes = 1 },
            new() { SmallMessageBytesMax = -1 }, new() { Transport = (CollectiveTransport)9 },
        })
            Assert.Throws<ArgumentOutOfRangeException>(() => CollectiveGroup.Connect(member, options));
        Assert.Throws<ArgumentOutOfRangeException>(() => CollectiveGroup.Connect(World.Member(2, 2, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => CollectiveGroup.Connect(World.Member(0, 2, 0)));
    }

    [Fact]
    public void A_world_of_one_needs_no_port()
    {
        using var group = CollectiveGroup.Connect(CollectiveMembership.From(_ => null));
        var data = new float[] { 1, 2 };

        group.AllReduce(data, ReduceOperation.Mean);
        group.Barrier();

        Assert.Equal([1f, 2f], data);
        group.Dispose();
        Assert.Throws<ObjectDisposedException>(() => group.Barrier());
    }

    [Fact]
    public void Membership_comes_from_the_environment_of_muster_or_torchrun()
    {
        var variables = new Dictionary<string, string>
        {
            ["RANK"] = "3", ["WORLD_SIZE"] = "4", ["MASTER_ADDR"] = "host", ["MASTER_PORT"] = "29500",
            ["TORCHELASTIC_RESTART_COUNT"] = "2",
        };
        CollectiveMembership Read() => CollectiveMembership.From(variables.GetValueOrDefault);

        Assert.Equal(new CollectiveMembership(3, 4, 2, "host", 29500, ""), Read());
        variables["MUSTER_GENERATION"] = "12";
        variables["MUSTER_JOB"] = "charlm";
        Assert.Equal(new CollectiveMembership(3, 4, 12, "host", 29500, "charlm"), Read());
        foreach (var (name, bad) in new[] { ("RANK", "4"), ("WORLD_SIZE", "x"), ("MASTER_PORT", "0"), ("MASTER_ADDR", ""), ("MUSTER_GENERATION", "-1") })
        {
            var kept = variables[name];
            variables[name] = bad;
            Assert.Contains(name == "RANK" ? "RANK" : name, Assert.Throws<InvalidOperationException>(Read).Message, StringComparison.Ordinal);
            variables[name] = kept;
        }
    }

    private static void Call(CollectiveGroup group, string what, bool odd)
    {
        var data = new float[50_000];
        switch (what)
        {
            case "size":
                group.AllReduce(data.AsSpan(odd ? 1 : 0), ReduceOperation.Sum);
                break;
            case "operation":
                group.AllReduce(data, odd ? ReduceOperation.Max : ReduceOperation.Min);
                break;
            case "type" when odd:
                group.AllReduce(new double[50_000], ReduceOperation.Sum);
                break;
            case "kind" when odd:
                group.Barrier();
                break;
            case "root":
                group.Broadcast<float>(data, odd ? 1 : 0);
                break;
            default:
                group.AllReduce(data, ReduceOperation.Sum);
                break;
        }
    }
}
