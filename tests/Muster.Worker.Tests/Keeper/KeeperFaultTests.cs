using System.Text.Json.Nodes;

namespace Muster.Worker.Tests.Keeper;

public sealed class KeeperFaultTests : KeeperTest
{
    private static readonly TrainingRunOptions NoPatience = new() { JoinTimeout = TimeSpan.Zero };

    [Fact]
    public void An_absent_keeper_is_named_with_its_socket()
    {
        Keeper.GoAway();

        var failure = Assert.Throws<KeeperUnreachableException>(() => Join(NoPatience));

        Assert.Contains(Keeper.Path, failure.Message, StringComparison.Ordinal);
        Assert.Contains("muster run", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_version_is_refused_by_name()
    {
        Keeper.Run["version"] = 2;

        var failure = Assert.Throws<KeeperUnreachableException>(() => Join(NoPatience));

        Assert.Contains("speaks version 2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_documented_is_the_keepers_fault()
    {
        Keeper.Run.Remove("rank");

        var failure = Assert.Throws<KeeperUnreachableException>(() => Join(NoPatience));

        Assert.Contains("does not know", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_keeper_that_comes_late_is_waited_for()
    {
        Keeper.GoAway();
        TrainingRun? run = null;

        var joined = Start(() => run = Join());
        Keeper.Start();
        joined();

        Assert.Equal("fake", run!.Job);
    }

    [Fact]
    public void Reports_do_not_wait_for_a_keeper_that_reads_nothing_and_the_newest_arrive()
    {
        Keeper.Drain.Reset();
        var run = Join();

        foreach (var step in run.Steps(200_000))
            run.Report(step);
        Keeper.Drain.Set();

        Keeper.WaitForLine("""{"step": 200000, "metrics": {"loss": 199999}}""");
    }

    [Fact]
    public void A_wish_in_words_of_the_future_is_passed_over()
    {
        var run = Join();
        Ask("proposed", 5);
        Keeper.WaitForLine("""{"promise": 7}""");

        Ask("reconsidered", 5);
        Keeper.Wish("""{"id": "seven"}""");
        Ask("proposed", 5);
        var ended = Start(() => Assert.Equal(5, run.Steps(100).Count()));
        Keeper.WaitForLine("""{"step": 5}""");
        Ask("confirmed", 5);
        ended();

        Assert.True(run.IsStopping);
        Assert.All(Keeper.Lines, line => Assert.Null(line["refuse"]));
        Assert.Contains(Keeper.Lines, line => JsonNode.DeepEquals(line["promise"], 7));
    }
}
