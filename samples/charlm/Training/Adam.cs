using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Muster.Samples.Charlm.Training;

/// <summary>Adam with weights that decay by themselves: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.</summary>
/// <remarks>Multiplications, divisions and square roots only, so exactly repeatable.</remarks>
internal static unsafe class Adam
{
    private const float Decay1 = 0.9f;
    private const float Decay2 = 0.99f;
    private const float Epsilon = 1e-8f;
    private const float WeightDecay = 0.05f;

    /// <param name="step">Updates made before this one.</param>
    /// <param name="scale">The gradient is multiplied by this first (clipping).</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Update(TrainingState state, ReadOnlySpan<float> gradient, float scale, float rate, long step)
    {
        var kept = 1 - rate * WeightDecay;
        var first = rate / (float)(1 - Power(Decay1, step + 1));
        var second = 1 / (float)(1 - Power(Decay2, step + 1));
        fixed (float* p = state.Parameters.Span, m = state.FirstMoment.Span, v = state.SecondMoment.Span, g = gradient)
        {
            var length = state.Parameters.Length;
            var i = 0;
            for (; i <= length - 8; i += 8)
            {
                var d = Vector256.Load(g + i) * Vector256.Create(scale);
                var mean = Vector256.Load(m + i) * Vector256.Create(Decay1) + d * Vector256.Create(1 - Decay1);
                var square = Vector256.Load(v + i) * Vector256.Create(Decay2) + d * d * Vector256.Create(1 - Decay2);
                var change = mean * Vector256.Create(first) / (Vector256.Sqrt(square * Vector256.Create(second)) + Vector256.Create(Epsilon));
                mean.Store(m + i);
                square.Store(v + i);
                (Vector256.Load(p + i) * Vector256.Create(kept) - change).Store(p + i);
            }

            for (; i < length; i++)
            {
                var d = g[i] * scale;
                m[i] = m[i] * Decay1 + d * (1 - Decay1);
                v[i] = v[i] * Decay2 + d * d * (1 - Decay2);
                p[i] = p[i] * kept - m[i] * first / (MathF.Sqrt(v[i] * second) + Epsilon);
            }
        }
    }

    /// <summary>By squaring: the C library's pow may differ in the last bit from machine to machine.</summary>
    private static double Power(double value, long exponent)
    {
        var result = 1.0;
        for (; exponent > 0; exponent >>= 1, value *= value)
        {
            if ((exponent & 1) != 0)
                result *= value;
        }

        return result;
    }
}
