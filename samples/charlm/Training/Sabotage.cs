using System.Globalization;

namespace Muster.Samples.Charlm.Training;

/// <summary>Planted mistakes of the kind that a faulty recovery makes: each must change the digest, or the tests that compare digests prove nothing.</summary>
internal abstract record Sabotage
{
    private Sabotage()
    {
    }

    /// <summary>The batch of one step is not learned from.</summary>
    public sealed record DropBatch(long Step) : Sabotage;

    /// <summary>At one step every rank reads its neighbour's share. The mean is the same but summed in another order: seen from three ranks on.</summary>
    public sealed record SwapRanks(long Step) : Sabotage;

    /// <summary>Checkpoints hold the optimizer's moments of one step before: seen when one is restored.</summary>
    public sealed record StaleOptimizer : Sabotage;

    /// <exception cref="CharlmException">The text names no known mistake.</exception>
    public static Sabotage Parse(string text)
    {
        var parts = text.Split('@');
        if (text == "stale-optimizer")
            return new StaleOptimizer();
        if (parts.Length == 2 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var step))
        {
            if (parts[0] == "drop-batch")
                return new DropBatch(step);
            if (parts[0] == "swap-ranks")
                return new SwapRanks(step);
        }

        throw new CharlmException($"--break {text} is not known: give drop-batch@STEP, swap-ranks@STEP or stale-optimizer");
    }
}
