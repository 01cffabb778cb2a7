using Muster.Samples.Charlm.Baseline;

namespace Charlm.Tests;

public sealed class TrigramTests
{
    private const int Cases = 30;

    [Fact]
    public void A_probability_is_that_of_counting_through_the_text_each_time() => Seeds.ForEach(Cases, random =>
    {
        var alphabet = random.Next(2, 6);
        var text = Enumerable.Range(0, random.Next(0, 60)).Select(_ => random.Next(alphabet)).ToArray();
        var trigram = new Trigram(text, alphabet);

        for (var a = 0; a < alphabet; a++)
        {
            for (var b = 0; b < alphabet; b++)
            {
                for (var c = 0; c < alphabet; c++)
                    Assert.Equal(ByCounting(text, alphabet, [a, b], c), trigram.Probability([a, b], c), 1e-12);
            }
        }
    });

    [Fact]
    public void Probabilities_after_any_context_sum_to_one() => Seeds.ForEach(Cases, random =>
    {
        var alphabet = random.Next(2, 30);
        var text = Enumerable.Range(0, random.Next(1, 500)).Select(_ => random.Next(alphabet)).ToArray();
        var trigram = new Trigram(text, alphabet);
        int[] context = [random.Next(alphabet), random.Next(alphabet), random.Next(alphabet)];

        var sum = Enumerable.Range(0, alphabet).Sum(character => trigram.Probability(context, character));

        Assert.Equal(1, sum, 1e-9);
    });

    [Fact]
    public void Only_the_last_two_characters_count()
    {
        int[] text = [0, 1, 2, 0, 1, 2, 0, 1, 1];
        var trigram = new Trigram(text, 3);

        Assert.Equal(trigram.Probability([0, 1], 2), trigram.Probability([2, 2, 0, 1], 2));
        Assert.NotEqual(trigram.Probability([0, 1], 2), trigram.Probability([1, 1], 2));
    }

    private static double ByCounting(int[] text, int alphabet, int[] context, int character)
    {
        var shorter = context.Length == 0 ? 1.0 / alphabet : ByCounting(text, alphabet, context[1..], character);
        var followers = Enumerable.Range(0, Math.Max(0, text.Length - context.Length))
            .Where(i => text.AsSpan(i, context.Length).SequenceEqual(context))
            .Select(i => text[i + context.Length])
            .ToArray();
        var kinds = followers.Distinct().Count();
        return followers.Length == 0 ? shorter : (followers.Count(f => f == character) + kinds * shorter) / (followers.Length + kinds);
    }
}
