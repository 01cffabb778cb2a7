using Muster.Primitives;
using Muster.Samples.Charlm.Numerics;

namespace Muster.Samples.Charlm.Model;

/// <summary>Hides a share of what the output layer sees, so that the network does not learn a small corpus by heart.</summary>
/// <remarks>
/// What is hidden is a function of the seed, the step and the window's place in the whole batch: a repeated step repeats it, and
/// no generator needs saving.
/// </remarks>
internal static class Dropout
{
    /// <param name="masks">Shape [window, rows, hidden]; out: 0 with probability <paramref name="rate"/>, else 1 / (1 − rate).</param>
    /// <param name="rate">In [0, 1); used in steps of 1/256.</param>
    /// <param name="firstRow">Place of the first row in the whole batch.</param>
    public static void Draw(FloatBuffer masks, float rate, ulong seed, long step, int firstRow, int rows, int hidden)
    {
        var threshold = (byte)(rate * 256);
        var kept = 256f / (256 - threshold);
        var window = masks.Length / (rows * hidden);
        for (var row = 0; row < rows; row++)
        {
            var random = new SeededRandom(seed ^ 0xD20B_0000_0000_0000 ^ ((ulong)step << 16) ^ (ulong)(firstRow + row)).Split();
            for (var t = 0; t < window; t++)
            {
                var line = masks.Span.Slice((t * rows + row) * hidden, hidden);
                for (var i = 0; i < hidden; i += 8)
                {
                    var bits = random.NextUInt64();
                    for (var j = i; j < i + 8; j++, bits >>= 8)
                        line[j] = (byte)bits < threshold ? 0 : kept;
                }
            }
        }
    }
}
