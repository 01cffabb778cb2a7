using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Muster.Samples.Charlm.Numerics;

namespace Muster.Samples.Charlm.Model;

/// <summary>The element-by-element half of one step of one sequence, forward and backward; the products are elsewhere.</summary>
internal static unsafe class GruCell
{
    /// <summary>From the products to the next state.</summary>
    /// <param name="input">W[c], 3 hidden floats.</param>
    /// <param name="gates">In: h U. Out: r, z, n.</param>
    /// <param name="candidate">Out: h U_n + b, which the way back needs.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(
        ReadOnlySpan<float> input, ReadOnlySpan<float> bias, ReadOnlySpan<float> state, Span<float> gates, Span<float> candidate, Span<float> next)
    {
        var hidden = state.Length;
        fixed (float* w = input, b = bias, h = state, g = gates, q = candidate, to = next)
        {
            for (var i = 0; i < hidden; i += Vector256<float>.Count)
            {
                var r = Activations.Sigmoid(Vector256.Load(w + i) + Vector256.Load(g + i));
                var z = Activations.Sigmoid(Vector256.Load(w + hidden + i) + Vector256.Load(g + hidden + i));
                var recurrent = Vector256.Load(g + 2 * hidden + i) + Vector256.Load(b + i);
                var n = Activations.Tanh(Vector256.FusedMultiplyAdd(r, recurrent, Vector256.Load(w + 2 * hidden + i)));
                r.Store(g + i);
                z.Store(g + hidden + i);
                n.Store(g + 2 * hidden + i);
                recurrent.Store(q + i);
                Vector256.FusedMultiplyAdd(z, Vector256.Load(h + i) - n, n).Store(to + i);
            }
        }
    }

    /// <summary>From the gradient of the next state to those of the sums inside the gates.</summary>
    /// <param name="gates">In: r, z, n. Out: the gradients of h U + b, gate by gate.</param>
    /// <param name="candidate">In: h U_n + b. Out: the gradient of the sum inside n, which is W_n's.</param>
    /// <param name="gradient">In: of the next state. Out: the part of the state's that comes by z alone.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(ReadOnlySpan<float> state, Span<float> gates, Span<float> candidate, Span<float> gradient)
    {
        var hidden = state.Length;
        var one = Vector256<float>.One;
        fixed (float* h = state, g = gates, q = candidate, d = gradient)
        {
            for (var i = 0; i < hidden; i += Vector256<float>.Count)
            {
                var r = Vector256.Load(g + i);
                var z = Vector256.Load(g + hidden + i);
                var n = Vector256.Load(g + 2 * hidden + i);
                var dh = Vector256.Load(d + i);
                var dn = dh * (one - z) * (one - n * n);
                var dz = dh * (Vector256.Load(h + i) - n) * z * (one - z);
                var dr = dn * Vector256.Load(q + i) * r * (one - r);
                dr.Store(g + i);
                dz.Store(g + hidden + i);
                (dn * r).Store(g + 2 * hidden + i);
                dn.Store(q + i);
                (dh * z).Store(d + i);
            }
        }
    }
}
