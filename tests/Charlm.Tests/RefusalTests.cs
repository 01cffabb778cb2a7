using Muster.Samples.Charlm;
using Muster.Samples.Charlm.Data;
using Muster.Samples.Charlm.Running;
using Muster.Samples.Charlm.Training;

namespace Charlm.Tests;

public sealed class RefusalTests
{
    private const string LongEnough = "to be read, again and again, ";

    [Theory]
    [InlineData("--steps", "0", "1 to")]
    [InlineData("--steps", "many", "'many'")]
    [InlineData("--batch", "-3", "'-3'")]
    [InlineData("--hidden", "20", "multiple of 8, as 16 or 24")]
    [InlineData("--learning-rate", "NaN", "'NaN'")]
    [InlineData("--learning-rate", "7", "to 1")]
    [InlineData("--step-delay", "5", "5ms or 1s")]
    [InlineData("--step-delay", "5msss", "5ms or 1s")]
    [InlineData("--break", "everything", "drop-batch@STEP")]
    [InlineData("--bacth", "3", "--bacth")]
    public void A_bad_argument_is_refused_by_name(string name, string value, string said)
    {
        var failure = Assert.Throws<CharlmException>(() => CommandLine.Parse([name, value]));

        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_argument_may_follow_its_name_or_an_equals_sign()
    {
        var options = CommandLine.Parse(["--steps", "60", "--hidden=16", "--step-delay", "5ms", "--break=swap-ranks@7"]);

        Assert.Equal((60L, 16, TimeSpan.FromMilliseconds(5)), (options.Steps, options.Hidden, options.StepDelay));
        Assert.Equal(new Sabotage.SwapRanks(7), options.Sabotage);
        Assert.Throws<CharlmException>(() => CommandLine.Parse(["--steps"]));
        Assert.Throws<CharlmException>(() => CommandLine.Parse(["60"]));
    }

    [Fact]
    public void A_corpus_that_cannot_be_read_is_refused_with_path_and_reason()
    {
        var missing = Assert.Throws<CharlmException>(() => Corpus.Read("/nowhere/corpus.txt"));
        var directory = Assert.Throws<CharlmException>(() => Corpus.Read(AppContext.BaseDirectory));

        Assert.Contains("/nowhere/corpus.txt cannot be read: there is no such file", missing.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", directory.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_corpus_that_is_no_text_is_refused()
    {
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, [.. Enumerable.Repeat((byte)0xFF, 5000)]);

        var failure = Assert.Throws<CharlmException>(() => Corpus.Read(path));
        File.Delete(path);

        Assert.Contains("UTF-8", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_corpus_that_is_too_small_or_no_prose_is_refused()
    {
        var small = Assert.Throws<CharlmException>(() => Corpus.Parse("short", "tiny.txt"));
        var signs = Assert.Throws<CharlmException>(() => Corpus.Parse(string.Concat(Enumerable.Range(0x4E00, 3000).Select(c => (char)c)), "signs.txt"));

        Assert.Contains("tiny.txt has 5 characters; at least 2000", small.Message, StringComparison.Ordinal);
        Assert.Contains("3000 different characters", signs.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_world_larger_than_the_batch_is_refused()
    {
        var failure = Assert.Throws<CharlmException>(() => new World(World.Small with { Batch = 2 }, 3));

        Assert.Contains("--batch 2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_is_refused_where_it_does_not_belong()
    {
        var world = new World(World.Small, 2);
        var shards = world.Save(5);
        var other = new World(World.Small with { Hidden = 16 }, 2);

        Assert.Contains("step 5", Refusal(() => world.Load(shards, 6)), StringComparison.Ordinal);
        Assert.Contains("rank 1", Refusal(() => world.Load([.. shards.Reverse()], 5)), StringComparison.Ordinal);
        Assert.Contains("hidden 8", Refusal(() => other.Load(shards, 5)), StringComparison.Ordinal);
        Assert.Contains("damaged", Refusal(() => world.Load([.. shards.Select(shard => shard[..^4])], 5)), StringComparison.Ordinal);
        Assert.Contains("no shard", Refusal(() => world.Load([[1, 2], [3]], 5)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_slices_of_a_world_cover_the_parameters_once() => Seeds.ForEach(100, random =>
    {
        var (count, worldSize) = (random.Next(1, 300), random.Next(1, 40));
        var parameters = Enumerable.Range(0, count).ToArray();

        var slices = Enumerable.Range(0, worldSize).SelectMany(rank => parameters[Shard.Slice(count, rank, worldSize)]);

        Assert.Equal(parameters, slices);
    });

    [Fact]
    public void Line_ends_of_another_system_make_no_other_corpus()
    {
        var text = string.Concat(Enumerable.Repeat(LongEnough + "\n", 200));

        var (unix, other) = (Corpus.Parse(text, "a"), Corpus.Parse("\uFEFF" + text.Replace("\n", "\r\n", StringComparison.Ordinal), "b"));

        Assert.Equal(unix.Digest, other.Digest);
        Assert.Equal(unix.All, other.All);
    }

    private static string Refusal(Action action) => Assert.Throws<ShardException>(action).Message;
}
