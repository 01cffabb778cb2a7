using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Muster.Worker.Collectives;

/// <summary>Half ↔ float on vectors: the runtime converts one value at a time only.</summary>
/// <remarks>Rounds to nearest, ties to even. Every NaN narrows to the one quiet NaN, so that bits agree everywhere.
/// Method: F. Giesen, "Float/half conversions", 2012.</remarks>
internal static unsafe class HalfConversion
{
    private const uint HalfInfinityAsFloat = 0x0f800000u;     // a half's exponent field full, moved to float's place
    private const uint Overflow = (127 + 16) << 23;           // from here on a half is infinite
    private const uint Subnormal = (127 - 14) << 23;          // below this a half is subnormal
    private const uint SubnormalMagic = 126u << 23;           // adding 0.5 rounds to a subnormal's last place
    private const uint Rebias = unchecked((uint)((15 - 127) << 23)) + 0xfff;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(ushort* source, float* target, int count)
    {
        var i = 0;
        for (; i <= count - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(source + i));
            Widen(low).Store(target + i);
            Widen(high).Store(target + i + Vector256<float>.Count);
        }

        for (; i < count; i++)
            target[i] = Widen(Vector256.CreateScalar((uint)source[i])).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Narrow(float* source, ushort* target, int count)
    {
        var i = 0;
        for (; i <= count - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var low = Narrow(Vector256.Load(source + i));
            var high = Narrow(Vector256.Load(source + i + Vector256<float>.Count));
            Vector256.Narrow(low, high).Store(target + i);
        }

        for (; i < count; i++)
            target[i] = (ushort)Narrow(Vector256.CreateScalar(source[i])).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(Vector256<uint> half)
    {
        var sign = (half & Vector256.Create(0x8000u)) << 16;
        var magnitude = (half & Vector256.Create(0x7fffu)) << 13;
        var scaled = (magnitude.AsSingle() * Vector256.Create(0x77800000u).AsSingle()).AsUInt32();   // × 2^112
        var special = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(HalfInfinityAsFloat));
        var full = magnitude | Vector256.Create(0x7f800000u);
        return (Vector256.ConditionalSelect(special, full, scaled) | sign).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Narrow(Vector256<float> value)
    {
        var bits = value.AsUInt32();
        var sign = bits & Vector256.Create(0x80000000u);
        var magnitude = bits ^ sign;

        var odd = (magnitude >>> 13) & Vector256<uint>.One;
        var normal = (magnitude + Vector256.Create(Rebias) + odd) >>> 13;
        var subnormal = (magnitude.AsSingle() + Vector256.Create(0.5f)).AsUInt32() - Vector256.Create(SubnormalMagic);
        var special = Vector256.ConditionalSelect(
            Vector256.GreaterThan(magnitude, Vector256.Create(0x7f800000u)), Vector256.Create(0x7e00u), Vector256.Create(0x7c00u));

        var finite = Vector256.ConditionalSelect(
            Vector256.LessThan(magnitude, Vector256.Create(Subnormal)), subnormal, normal);
        var large = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(Overflow));
        return Vector256.ConditionalSelect(large, special, finite) | (sign >>> 16);
    }
}
