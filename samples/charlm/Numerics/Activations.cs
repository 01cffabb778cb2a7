using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Muster.Samples.Charlm.Numerics;

/// <summary>Exponential, sigmoid and tanh of eight floats, made of exactly rounded operations only.</summary>
/// <remarks>The C library's functions differ in the last bit from version to version; these give the same bits everywhere.</remarks>
internal static class Activations
{
    private const float LowestExponent = -87f;   // below it the result is taken as 0
    private const float HighestExponent = 88f;

    /// <summary>e^x, within about 2 units in the last place; 0 below −87; x above 88 counts as 88.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        var tiny = Vector256.LessThan(x, Vector256.Create(LowestExponent));
        x = Vector256.Min(Vector256.Max(x, Vector256.Create(LowestExponent)), Vector256.Create(HighestExponent));
        // x = n ln 2 + r with |r| at most ln 2 / 2; ln 2 in two parts, so that n times the first is exact.
        var n = Vector256.Round(x * Vector256.Create(1.44269504f));
        var r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693359375f), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(2.12194440e-4f), r);
        var sum = Vector256.Create(1f / 5040);
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(1f / 720));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(1f / 120));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(1f / 24));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(1f / 6));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(0.5f));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256<float>.One);
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256<float>.One);
        var power = (Vector256.ConvertToInt32Native(n) + Vector256.Create(127)) << 23;
        return Vector256.AndNot(sum * power.AsSingle(), tiny);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sigmoid(Vector256<float> x) =>
        Vector256<float>.One / (Vector256<float>.One + Exp(-x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Tanh(Vector256<float> x) =>
        Vector256<float>.One - Vector256.Create(2f) / (Exp(x + x) + Vector256<float>.One);
}
