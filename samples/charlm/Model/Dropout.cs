using Muster.Primitives;

namespace Muster.Samples.Charlm.Model;

/// <summary>Hides a share of the memory from the matrices, the same for a whole window, so that a small corpus is not learned by heart.</summary>
/// <remarks>
/// After Gal and Ghahramani, "A theoretically grounded application of dropout in recurrent neural networks", NIPS 2016. What is
/// hidden is a function of the seed, the step and the window's place in the whole batch: a repeated step repeats it, and no
/// generator needs saving.
/// </remarks>
internal static class Dropout
{
    /// <param name="masks">Shape [rows, hidden]; out: 0 with probability <paramref name="rate"/>, else 1 / (1 − rate).</param>
    /// <param name="rate">In [0, 1); used in steps of 1/256.</param>
    /// <param name="firstRow">Place of the first row in the whole batch.</param>
    public static void Draw(Span<float> masks, float rate, ulong seed, long step, int firstRow, int rows, int hidden)
    {
        var threshold = (byte)(rate * 256);
        var kept = 256f / (256 - threshold);
        for (var row = 0; row < rows; row++)
        {
            var random = new SeededRandom(seed ^ 0xD20B_0000_0000_0000 ^ ((ulong)step << 16) ^ (ulong)(firstRow + row)).Split();
            foreach (ref var mask in masks.Slice(row * hidden, hidden))
                mask = (byte)random.NextUInt64() < threshold ? 0 : kept;
        }
    }
}
