using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Muster.Samples.Charlm.Numerics;

/// <summary>Sums and products of vectors, element by element or in written orders.</summary>
internal static unsafe class Sums
{
    /// <summary>Adds one vector to another, element by element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(ReadOnlySpan<float> values, Span<float> target)
    {
        _ = target[values.Length - 1];
        fixed (float* from = values, to = target)
        {
            var i = 0;
            for (; i <= values.Length - 8; i += 8)
                (Vector256.Load(from + i) + Vector256.Load(to + i)).Store(to + i);
            for (; i < values.Length; i++)
                to[i] += from[i];
        }
    }

    /// <summary>Multiplies one vector by another, element by element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(ReadOnlySpan<float> values, Span<float> target)
    {
        _ = target[values.Length - 1];
        fixed (float* from = values, to = target)
        {
            var i = 0;
            for (; i <= values.Length - 8; i += 8)
                (Vector256.Load(from + i) * Vector256.Load(to + i)).Store(to + i);
            for (; i < values.Length; i++)
                to[i] *= from[i];
        }
    }

    /// <summary>The sum of squares: eight running sums, added up from the first to the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double OfSquares(ReadOnlySpan<float> values)
    {
        fixed (float* x = values)
        {
            Vector256<double> low = Vector256<double>.Zero, high = Vector256<double>.Zero;
            var i = 0;
            for (; i <= values.Length - 8; i += 8)
            {
                var (a, b) = Vector256.Widen(Vector256.Load(x + i));
                low += a * a;
                high += b * b;
            }

            var sum = 0.0;
            for (var lane = 0; lane < 4; lane++)
                sum += low[lane];
            for (var lane = 0; lane < 4; lane++)
                sum += high[lane];
            for (; i < values.Length; i++)
                sum += (double)x[i] * x[i];
            return sum;
        }
    }
}
