using System.Text.Json.Nodes;

namespace Muster.Worker.Tests.Keeper;

public sealed class LoopTests : KeeperTest
{
    [Fact]
    public void A_rank_knows_who_it_is()
    {
        (Keeper.Run["rank"], Keeper.Run["world_size"], Keeper.Run["local_rank"]) = (3, 8, 1);
        (Keeper.Run["local_world_size"], Keeper.Run["node_rank"]) = (2, 1);

        var run = Join();

        Assert.Equal((3, 8, 1, 2, 1), (run.Rank, run.WorldSize, run.LocalRank, run.LocalWorldSize, run.NodeRank));
        Assert.Equal(("fake", 3, 1, false), (run.Job, run.Generation, run.Attempt, run.IsAlone));
        Assert.Null(run.Restore());
        Assert.Empty(run.Shards());
    }

    [Fact]
    public void Checkpoints_are_saved_every_n_steps_and_after_the_last()
    {
        Keeper.Every = 3;
        var run = Join();

        foreach (var _ in run.Steps(7))
            run.Checkpoint(Save);

        Assert.Equal([3, 6, 7], Keeper.Done.Keys);
        Assert.Equal("state"u8.ToArray(), Keeper.Done[7]["state"]);
    }

    [Fact]
    public void Every_report_arrives_in_order_with_its_step()
    {
        var run = Join();

        foreach (var step in run.Steps(2_000))
            run.Report(("loss", step * 0.5), ("rate", 1));
        run.Dispose();

        var reports = Keeper.Lines.Where(line => line["metrics"] is not null).ToList();
        Assert.Equal(
            Enumerable.Range(0, 2_000).Select(step => (step + 1, step * 0.5, 1.0)),
            reports.Select(line => ((int)line["step"]!, (double)line["metrics"]!["loss"]!, (double)line["metrics"]!["rate"]!)));
        Assert.Contains(Keeper.Lines, line => JsonNode.DeepEquals(line, JsonNode.Parse("""{"total": 2000}""")));
        Assert.Equal(1, Keeper.StreamsEnded);
    }

    [Fact]
    public void Steps_are_told_by_programs_that_report_nothing()
    {
        var run = Join();

        foreach (var _ in run.Steps(50))
        {
        }

        Keeper.WaitForLine("""{"step": 50}""");
    }

    [Fact]
    public void What_json_cannot_write_travels_as_text()
    {
        var run = Join();

        foreach (var _ in run.Steps(1))
            run.Report(("loss", double.NaN), ("top", double.PositiveInfinity), ("low", double.NegativeInfinity));

        Keeper.WaitForLine("""{"step": 1, "metrics": {"loss": "NaN", "top": "Infinity", "low": "-Infinity"}}""");
    }

    [Fact]
    public void A_resumed_loop_begins_at_the_checkpoint_and_says_that_it_loaded()
    {
        Keeper.Run["restore"] = JsonNode.Parse("""{"step": 600, "world_size": 1, "directory": "/ckpt/600.2/rank-0"}""");
        var run = Join();

        var restored = run.Restore()!;
        var steps = run.Steps(602).ToList();

        Assert.Equal((600, "/ckpt/600.2/rank-0"), (restored.Step, restored.Directory));
        Assert.Equal([600, 601], steps);
        Keeper.WaitForLine("""{"restored": 600}""");
    }

    [Fact]
    public void An_unread_checkpoint_stops_the_loop_before_it_begins()
    {
        Keeper.Run["restore"] = JsonNode.Parse("""{"step": 600, "world_size": 1, "directory": "/x"}""");
        var run = Join();

        var failure = Assert.Throws<InvalidOperationException>(() => run.Steps(700));

        Assert.Contains("step 600 exists", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Misuse_is_named()
    {
        var run = Join();

        var outside = Assert.Throws<InvalidOperationException>(() => run.Checkpoint(Save));
        InvalidOperationException? twice = null, nested = null;
        foreach (var _ in run.Steps(1))
        {
            run.Checkpoint(Save);
            twice = Assert.Throws<InvalidOperationException>(() => run.Checkpoint(Save));
            nested = Assert.Throws<InvalidOperationException>(() => run.Steps(1).Any());
        }

        Assert.Contains("outside the loop", outside.Message, StringComparison.Ordinal);
        Assert.Contains("twice in step 0", twice!.Message, StringComparison.Ordinal);
        Assert.Contains("running already", nested!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_world_size_throws()
    {
        Keeper.Run["restore"] = JsonNode.Parse("""{"step": 600, "world_size": 2, "directory": null}""");
        var run = Join();

        var changed = Assert.Throws<WorldChangedException>(run.Restore);

        Assert.Equal((600, 2, 1), (changed.Step, changed.SavedWorldSize, changed.WorldSize));
    }

    [Fact]
    public void With_another_world_size_replicated_shards_are_rank_0s_and_all_can_be_read()
    {
        Keeper.Run["restore"] = JsonNode.Parse("""{"step": 600, "world_size": 2, "directory": null}""");
        Keeper.Shards = """{"step": 600, "shards": [{"rank": 1, "directory": "/c/1"}, {"rank": 0, "directory": "/c/0"}]}""";
        var run = Join(new TrainingRunOptions { ReplicatedShards = true });

        var restored = run.Restore();
        var shards = run.Shards();

        Assert.Equal("/c/0", restored!.Directory);
        Assert.Equal([(0, 600, "/c/0"), (1, 600, "/c/1")], shards.Select(shard => (shard.Rank, shard.Step, shard.Directory)));
        Assert.Equal([600], run.Steps(601));
    }
}
