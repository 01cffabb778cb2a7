namespace Muster.Worker.Tests.Alone;

[Collection("environment")]
public sealed class AloneTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("alone");

    private string Checkpoints => Path.Combine(_root.FullName, "checkpoints");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void A_program_resumes_from_its_own_directory()
    {
        using var first = Join();
        Assert.Equal((0, 1, true, "alone"), (first.Rank, first.WorldSize, first.IsAlone, first.Job));
        Assert.Null(first.Restore());
        Assert.Throws<NotSupportedException>(() => Sum(first, 0, failAt: 9));

        using var second = Join();
        var restored = second.Restore()!;
        var total = new long[1];
        restored.Read("total", total.AsSpan());
        var sum = Sum(second, total[0], failAt: -1);

        Assert.Equal(8, restored.Step);
        Assert.Equal(190, sum);
        Assert.Equal(["16", "20"], Names());
        using var third = Join();
        Assert.Equal((0, 20, 8), third.Shards() is [var shard] ? (shard.Rank, shard.Step, shard.ReadAll("total").Length) : default);
    }

    [Fact]
    public void Half_a_checkpoint_is_none()
    {
        Directory.CreateDirectory(Path.Combine(Checkpoints, ".8.partial"));
        using var run = Join();

        var restored = run.Restore();
        Sum(run, 0, failAt: -1);

        Assert.Null(restored);
        Assert.Equal(["16", "20"], Names());
    }

    [Fact]
    public void A_save_that_throws_leaves_nothing()
    {
        using var run = Join();

        Assert.Throws<NotSupportedException>(() =>
        {
            foreach (var _ in run.Steps(1))
                run.Checkpoint(_ => throw new NotSupportedException());
        });

        Assert.Empty(Names());
    }

    [Fact]
    public void Ranks_of_another_launcher_are_refused()
    {
        Environment.SetEnvironmentVariable("WORLD_SIZE", "2");
        try
        {
            var failure = Assert.Throws<InvalidOperationException>(Join);
            Assert.Contains("WORLD_SIZE is 2", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("WORLD_SIZE", null);
        }
    }

    [Fact]
    public void Files_that_are_missing_or_of_another_size_are_named()
    {
        using (var run = Join())
            Sum(run, 0, failAt: -1);
        using var again = Join();
        var restored = again.Restore()!;

        var missing = Assert.Throws<FileNotFoundException>(() => restored.Open("weights"));
        var shape = Assert.Throws<InvalidDataException>(() => restored.Read("total", new long[2].AsSpan()));

        Assert.Contains("it has: total", missing.Message, StringComparison.Ordinal);
        Assert.Contains("holds 8 bytes", shape.Message, StringComparison.Ordinal);
    }

    private TrainingRun Join() =>
        TrainingRun.Join(new TrainingRunOptions { AloneDirectory = Checkpoints, AloneEvery = 4, AloneKeep = 2 });

    private string[] Names() => [.. Directory.GetDirectories(Checkpoints).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static long Sum(TrainingRun run, long total, long failAt)
    {
        foreach (var step in run.Steps(20))
        {
            total += step;
            run.Checkpoint(writer => writer.Write<long>("total", [total]));
            if (step == failAt)
                throw new NotSupportedException();
        }

        return total;
    }
}
