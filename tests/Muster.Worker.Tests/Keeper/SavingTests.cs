namespace Muster.Worker.Tests.Keeper;

public sealed class SavingTests : KeeperTest
{
    [Fact]
    public void A_save_that_throws_gives_its_directory_up_and_throws_on()
    {
        var run = Join();

        Assert.Throws<NotSupportedException>(() => Train(run, 1, writer =>
        {
            Save(writer);
            throw new NotSupportedException("no");
        }));

        Assert.Equal([1], Keeper.GivenUp);
        Keeper.WaitForLine("""{"save_failed": 1, "error": "no"}""");
    }

    [Theory]
    [InlineData("when it begins")]
    [InlineData("in the program")]
    [InlineData("when it is sealed")]
    public void A_full_disk_costs_the_checkpoint_and_not_the_training(string seen)
    {
        Keeper.Every = 1;
        (Keeper.NoSpace, Keeper.Full) = (seen == "when it begins", seen == "when it is sealed");
        var run = Join();

        foreach (var step in run.Steps(3))
        {
            if (step == 2)
                Keeper.NoSpace = Keeper.Full = false;
            run.Checkpoint(writer =>
            {
                if (step < 2 && seen == "in the program")
                    throw new InvalidOperationException("wrapped", new IOException("No space left on device", 28));
                Save(writer);
            });
        }

        Assert.Equal([3], Keeper.Done.Keys);
        Keeper.WaitForLine("""{"save_failed": 1}""");
    }

    [Fact]
    public void A_slow_keeper_holds_the_loop_at_the_due_step()
    {
        Keeper.Every = 2;
        Keeper.AllowBegin.Reset();
        var run = Join();
        var seen = 0;

        var ended = Start(() =>
        {
            foreach (var _ in run.Steps(4))
            {
                Interlocked.Increment(ref seen);
                run.Checkpoint(Save);
            }
        });
        Keeper.WaitForRequest("POST /v1/checkpoints");
        var held = Volatile.Read(ref seen);
        Keeper.AllowBegin.Set();
        ended();

        Assert.Equal(2, held);
        Assert.Equal([2, 4], Keeper.Done.Keys);
    }

    [Fact]
    public void A_lost_answer_gives_the_directory_up_and_begins_again()
    {
        Keeper.LoseBeginAnswer = true;
        var run = Join();

        Train(run, 1, Save);

        Assert.Equal([1], Keeper.GivenUp);
        Assert.Equal([1], Keeper.Done.Keys);
    }

    [Fact]
    public void A_lost_answer_that_cannot_be_repeated_costs_the_checkpoint_and_not_the_training()
    {
        Keeper.Every = 1;
        Keeper.LoseBeginAnswer = Keeper.Strict = true;
        var run = Join();

        Train(run, 2, Save);

        Assert.Equal([2], Keeper.Done.Keys);
        Keeper.WaitForLine("""{"save_failed": 1}""");
    }

    [Fact]
    public void A_step_begun_twice_is_refused_in_the_keepers_words()
    {
        Keeper.AlreadyBegun(1);
        var run = Join();

        var refused = Assert.Throws<KeeperRefusedException>(() => Train(run, 1, Save));

        Assert.Equal(409, refused.Status);
        Assert.Contains("begun already", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_waits_for_a_keeper_that_is_away_and_reports_go_on_after_it()
    {
        Keeper.Every = 2;
        var run = Join();
        using var steps = run.Steps(4).GetEnumerator();
        steps.MoveNext();
        Keeper.GoAway();

        var ended = Start(() =>
        {
            do
            {
                run.Report(1);
                run.Checkpoint(Save);
            }
            while (steps.MoveNext());
        });
        Keeper.Start();
        ended();

        Assert.Equal([2, 4], Keeper.Done.Keys);
        Keeper.WaitForLine("""{"step": 4}""");
        Keeper.WaitForLine("""{"total": 4}""");
    }

    [Fact]
    public void Values_are_written_as_they_lie_in_memory_and_read_back()
    {
        var run = Join();

        Train(run, 1, writer =>
        {
            writer.Write<float>("weights", [1.5f, -2f]);
            using var nested = writer.Create("optimizer/moments");
            nested.WriteByte(9);
            Assert.Throws<IOException>(() => writer.Write("weights", "again"u8));
            Assert.Throws<ArgumentException>(() => writer.Create("../outside"));
        });

        Assert.Equal([0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0], Keeper.Done[1]["weights"]);
    }

    private static void Train(TrainingRun run, long total, Action<CheckpointWriter> save)
    {
        foreach (var _ in run.Steps(total))
            run.Checkpoint(save);
    }
}
