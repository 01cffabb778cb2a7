using System.Globalization;
using Muster.Primitives;

namespace Charlm.Tests;

/// <summary>Seeded cases: the base comes from MUSTER_SEED, and a failure names its seed.</summary>
internal static class Seeds
{
    private static readonly ulong s_base =
        ulong.Parse(Environment.GetEnvironmentVariable("MUSTER_SEED") ?? "1", CultureInfo.InvariantCulture);

    public static void ForEach(int count, Action<SeededRandom> body)
    {
        for (var i = 0; i < count; i++)
        {
            var seed = s_base + (ulong)i;
            try
            {
                body(new SeededRandom(seed));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: run again with MUSTER_SEED={seed}", failure);
            }
        }
    }

    public static float[] Floats(this SeededRandom random, int count)
    {
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
            value = (float)(2 * random.NextDouble() - 1);
        return values;
    }
}
