using Muster.Samples.Charlm;
using Muster.Samples.Charlm.Data;

namespace Charlm.Tests;

public sealed class DataOrderTests
{
    private const int Cases = 60;

    [Fact]
    public void Every_window_is_read_once_per_epoch() => Seeds.ForEach(Cases, random =>
    {
        var (window, batch) = (random.Next(2, 20), random.Next(1, 9));
        var length = window * random.Next(2, 60) + random.Next(window);
        var order = new DataOrder(random.NextUInt64(), length, window, batch);
        var perEpoch = order.WindowsPerEpoch;
        const int epochs = 3;

        var starts = Enumerable.Range(0, (epochs * perEpoch + batch - 1) / batch).SelectMany(step => order.Batch(step)).ToArray();

        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var read = starts[(epoch * perEpoch)..((epoch + 1) * perEpoch)].Order().ToArray();
            Assert.Equal(Enumerable.Range(0, perEpoch).Select(i => read[0] + i * window), read);
            Assert.InRange(read[0], 0, window - 1);
            Assert.True(read[^1] + window < length);
        }
    });

    [Fact]
    public void A_batch_is_a_function_of_the_seed_and_the_step_alone() => Seeds.ForEach(Cases, random =>
    {
        var seed = random.NextUInt64();
        var walked = new DataOrder(seed, 5000, 16, 7);
        var steps = Enumerable.Range(0, 40).Select(_ => (long)random.Next(2000)).ToArray();

        foreach (var step in steps)
            Assert.Equal(new DataOrder(seed, 5000, 16, 7).Batch(step), walked.Batch(step));
    });

    [Fact]
    public void Epochs_and_seeds_differ_in_their_order()
    {
        var order = new DataOrder(1, 5000, 10, 499);

        var first = order.Batch(0);

        Assert.NotEqual(first, order.Batch(1));
        Assert.NotEqual(first, new DataOrder(2, 5000, 10, 499).Batch(0));
    }

    [Fact]
    public void Shares_are_disjoint_and_cover_the_batch() => Seeds.ForEach(Cases, random =>
    {
        var (count, worldSize) = (random.Next(0, 100), random.Next(1, 20));
        var items = Enumerable.Range(0, count).ToArray();

        var shares = Enumerable.Range(0, worldSize).Select(rank => items[Share.Of(rank, worldSize, count)]).ToArray();

        Assert.Equal(items, shares.SelectMany(share => share));
        Assert.InRange(shares.Max(share => share.Length) - shares.Min(share => share.Length), 0, 1);
    });

    [Fact]
    public void A_text_without_a_window_is_refused()
    {
        var failure = Assert.Throws<CharlmException>(() => new DataOrder(1, 100, 64, 1));

        Assert.Contains("--window 64", failure.Message, StringComparison.Ordinal);
    }
}
