using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Muster.Samples.Charlm.Numerics;

namespace Muster.Samples.Charlm.Model;

/// <summary>Scores to probabilities, in place; rows are padded to whole vectors with <see cref="Padding"/>.</summary>
internal static unsafe class Softmax
{
    /// <summary>A score so low that its probability is exactly 0.</summary>
    public const float Padding = -1e30f;

    public static int PaddedLength(int alphabet) => (alphabet + 7) / 8 * 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(Span<float> row)
    {
        fixed (float* x = row)
        {
            var highest = Vector256.Load(x);
            for (var i = 8; i < row.Length; i += 8)
                highest = Vector256.Max(highest, Vector256.Load(x + i));
            var top = highest[0];
            for (var lane = 1; lane < 8; lane++)
                top = Math.Max(top, highest[lane]);

            var sums = Vector256<float>.Zero;
            for (var i = 0; i < row.Length; i += 8)
            {
                var e = Activations.Exp(Vector256.Load(x + i) - Vector256.Create(top));
                sums += e;
                e.Store(x + i);
            }

            // Lane by lane in a written order: a library's horizontal sum may choose another.
            var sum = 0f;
            for (var lane = 0; lane < 8; lane++)
                sum += sums[lane];
            for (var i = 0; i < row.Length; i += 8)
                (Vector256.Load(x + i) / Vector256.Create(sum)).Store(x + i);
        }
    }
}
