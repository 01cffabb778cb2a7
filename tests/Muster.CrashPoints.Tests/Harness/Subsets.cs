using Muster.Primitives;

namespace Muster.CrashPoints.Tests.Harness;

/// <summary>Which of the un-synced changes survive a power loss.</summary>
internal static class Subsets
{
    /// <summary>All subsets up to a size; beyond it all prefixes, all but one of each, each alone, and samples.</summary>
    public static IEnumerable<Func<int, bool>> Of(int changes, int exhaustiveMax, int samples, SeededRandom chance)
    {
        if (changes <= exhaustiveMax)
        {
            for (var mask = 0; mask < 1 << changes; mask++)
            {
                var kept = mask;
                yield return index => (kept & (1 << index)) != 0;
            }

            yield break;
        }

        for (var i = 0; i <= changes; i++)
        {
            var at = i;
            yield return index => index < at;
        }

        for (var i = 0; i < samples; i++)
        {
            var kept = Enumerable.Range(0, changes).Select(_ => chance.Chance(0.5)).ToArray();
            var alone = chance.Next(changes);
            yield return (i % 4) switch
            {
                0 => index => index == alone,
                1 => index => index != alone,
                _ => index => kept[index],
            };
        }
    }
}
