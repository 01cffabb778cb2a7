using System.Globalization;
using Muster.CrashMatrix.Tests.Cells;

namespace Muster.CrashMatrix.Tests;

/// <summary>Where within its phase each kill falls: from MUSTER_SEED, so that a run can be repeated as far as time allows it.</summary>
internal static class Seeds
{
    public static ulong Base { get; } = ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 1;

    /// <summary>How often each cell is played.</summary>
    public static int Rounds { get; } = int.TryParse(Environment.GetEnvironmentVariable("MUSTER_SCALE"), CultureInfo.InvariantCulture, out var scale) ? Math.Max(1, scale) : 1;

    public static ulong Of(Victim victim, Phase phase, int round)
    {
        // SplitMix64, as everywhere else.
        var z = unchecked(Base + 0x9E3779B97F4A7C15 * (ulong)(1 + (int)victim + 7 * (int)phase + 49 * round));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }
}
