using Muster.Samples.Charlm;
using Muster.Samples.Charlm.Training;

namespace Charlm.Tests;

public sealed class ExactnessTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_run_repeated_gives_the_same_bits(int worldSize)
    {
        var (one, other) = (new World(World.Small, worldSize), new World(World.Small, worldSize));

        var losses = one.Train(0, 12);
        var again = other.Train(0, 12);

        Assert.Equal(losses, again);
        Assert.Equal(one.Digest, other.Digest);
        Assert.All(one.Ranks, rank => Assert.Equal(one.Digest, rank.State.Digest()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_run_resumed_after_any_step_ends_with_the_same_bits(int worldSize)
    {
        var whole = new World(World.Small, worldSize);
        whole.Train(0, 12);

        for (var step = 0; step <= 12; step++)
        {
            var before = new World(World.Small, worldSize);
            before.Train(0, step);
            var after = new World(World.Small, worldSize);
            after.Load(before.Save(step), step);
            after.Train(step, 12);
            Assert.Equal(whole.Digest, after.Digest);
        }
    }

    [Fact]
    public void Another_world_size_goes_on_from_the_same_state()
    {
        var four = new World(World.Small, 4);
        four.Train(0, 6);
        var three = new World(World.Small, 3);

        three.Load(four.Save(6), 6);

        Assert.Equal(four.Digest, three.Digest);
        Assert.Equal(four.Ranks[0].State.SecondMoment.Span, three.Ranks[2].State.SecondMoment.Span);
    }

    [Fact]
    public void The_number_of_ranks_changes_rounding_only()
    {
        var alone = new World(World.Small, 1).Train(0, 12);

        var shared = new World(World.Small, 3).Train(0, 12);

        for (var step = 0; step < alone.Length; step++)
            Assert.Equal(alone[step], shared[step], 1e-3);
    }

    [Theory]
    [InlineData("drop-batch@5")]
    [InlineData("swap-ranks@5")]
    [InlineData("stale-optimizer")]
    public void A_planted_mistake_changes_the_bits(string mistake)
    {
        var right = new World(World.Small, 3);
        right.Train(0, 12);

        var wrong = WithOneRestart(World.Small with { Sabotage = Sabotage.Parse(mistake) });

        Assert.Equal(right.Digest, WithOneRestart(World.Small));
        Assert.NotEqual(right.Digest, wrong);
    }

    [Fact]
    public void Another_seed_gives_other_bits()
    {
        var (one, other) = (new World(World.Small, 1), new World(World.Small with { Seed = 2 }, 1));

        one.Train(0, 1);
        other.Train(0, 1);

        Assert.NotEqual(one.Digest, other.Digest);
    }

    private static string WithOneRestart(TrainingOptions options)
    {
        var before = new World(options, 3);
        before.Train(0, 8);
        var after = new World(options, 3);
        after.Load(before.Save(8), 8);
        after.Train(8, 12);
        return after.Digest;
    }
}
