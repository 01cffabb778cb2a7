using Muster.Scheduling.Tests.Reference;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Tests.Traces;

public class MersenneTwisterTests
{
    [Fact]
    public void Seed_zero_gives_cpython_s_words_doubles_and_shuffles()
    {
        Assert.Equal([3626764237u, 1654615998u, 3255389356u, 3823568514u], Draw(0, random => random.NextUInt32(), 4));
        Assert.Equal([0.8444218515250481, 0.7579544029403025, 0.420571580830845, 0.25891675029296335], Draw(0, random => random.NextDouble(), 4));
        Assert.Equal([1, 1, 0, 1, 2, 1, 1, 1], Draw(0, random => random.NextBelow(3), 8));
    }

    [Fact]
    public void Every_recorded_value_of_the_reference_generators_is_drawn()
    {
        ReferenceData.SkipIfAbsent();
        foreach (var run in ReferenceData.Json("oracle", "rng_golden.json").GetProperty("run_seeds").EnumerateObject())
            foreach (var generator in run.Value.EnumerateObject())
            {
                var seed = generator.Value.GetProperty("seed").GetUInt32();
                foreach (var list in generator.Value.EnumerateObject().Where(list => list.Name != "seed"))
                {
                    var random = new MersenneTwister(seed);
                    foreach (var expected in list.Value.EnumerateArray())
                        switch (list.Name)
                        {
                            case "first_u32": Assert.Equal(expected.GetUInt32(), random.NextUInt32()); break;
                            case "first_random": Assert.Equal(expected.GetDouble(), random.NextDouble()); break;
                            case "first_randrange_3": Assert.Equal(expected.GetInt32(), random.NextBelow(3)); break;
                            case "first_choice_index_of_26": Assert.Equal(expected.GetInt32(), random.NextBelow(26)); break;
                            case "first_shuffles_of_v100_p100_k80":
                                string[] types = ["v100", "p100", "k80"];
                                random.Shuffle(types.AsSpan());
                                Assert.Equal(expected.EnumerateArray().Select(type => type.GetString()), types);
                                break;
                            default: Assert.Fail($"nobody checks {list.Name}"); break;
                        }
                }
            }
    }

    private static T[] Draw<T>(uint seed, Func<MersenneTwister, T> draw, int count)
    {
        var random = new MersenneTwister(seed);
        return [.. Enumerable.Range(0, count).Select(_ => draw(random))];
    }
}
