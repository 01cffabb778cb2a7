using System.Buffers.Binary;
using System.Numerics;
using static Muster.Checkpoints.Digests.Xxh3Constants;

namespace Muster.Checkpoints.Digests;

/// <summary>XXH3-128 of up to 240 bytes: the specification's sections "1-3 bytes" to "129-240 bytes".</summary>
internal static class Xxh3Short
{
    public const int BytesMax = 240;

    public static UInt128 Hash(ReadOnlySpan<byte> input) => input.Length switch
    {
        0 => new UInt128(Avalanche64(S(80) ^ S(88)), Avalanche64(S(64) ^ S(72))),
        <= 3 => Hash1To3(input),
        <= 8 => Hash4To8(input),
        <= 16 => Hash9To16(input),
        <= 128 => Hash17To128(input),
        _ => Hash129To240(input),
    };

    public static ulong Avalanche(ulong hash)
    {
        hash = (hash ^ (hash >> 37)) * Mix1;
        return hash ^ (hash >> 32);
    }

    public static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private static ulong S(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Secret[offset..]);

    private static uint S32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Secret[offset..]);

    private static ulong R(ReadOnlySpan<byte> input, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(input[offset..]);

    private static ulong Avalanche64(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * Prime64x2;
        hash = (hash ^ (hash >> 29)) * Prime64x3;
        return hash ^ (hash >> 32);
    }

    private static UInt128 Hash1To3(ReadOnlySpan<byte> input)
    {
        var low = ((uint)input[0] << 16) | ((uint)input[input.Length >> 1] << 24) | input[^1] | ((uint)input.Length << 8);
        var high = BitOperations.RotateLeft(BinaryPrimitives.ReverseEndianness(low), 13);
        return new UInt128(Avalanche64(high ^ (ulong)(S32(8) ^ S32(12))), Avalanche64(low ^ (ulong)(S32(0) ^ S32(4))));
    }

    private static UInt128 Hash4To8(ReadOnlySpan<byte> input)
    {
        var first = BinaryPrimitives.ReadUInt32LittleEndian(input);
        var last = BinaryPrimitives.ReadUInt32LittleEndian(input[^4..]);
        var keyed = (first + ((ulong)last << 32)) ^ S(16) ^ S(24);
        var high = Math.BigMul(keyed, Prime64x1 + ((ulong)input.Length << 2), out var low);
        high += low << 1;
        low ^= high >> 3;
        low = (low ^ (low >> 35)) * Mix2;
        low ^= low >> 28;
        return new UInt128(Avalanche(high), low);
    }

    private static UInt128 Hash9To16(ReadOnlySpan<byte> input)
    {
        var first = R(input, 0);
        var last = R(input, input.Length - 8);
        var high = Math.BigMul(first ^ last ^ S(32) ^ S(40), Prime64x1, out var low);
        low += (ulong)(input.Length - 1) << 54;
        last ^= S(48) ^ S(56);
        high += last + (ulong)(uint)last * (Prime32x2 - 1);
        low ^= BinaryPrimitives.ReverseEndianness(high);
        var mixedHigh = Math.BigMul(low, Prime64x2, out var mixedLow);
        mixedHigh += high * Prime64x2;
        return new UInt128(Avalanche(mixedHigh), Avalanche(mixedLow));
    }

    private static UInt128 Hash17To128(ReadOnlySpan<byte> input)
    {
        var (low, high) = ((ulong)input.Length * Prime64x1, 0UL);
        for (var pair = (input.Length - 1) / 32; pair >= 0; pair--)
            Mix32(ref low, ref high, input[(16 * pair)..], input[^(16 * (pair + 1))..], 32 * pair, 0);
        return Finish(low, high, input.Length);
    }

    private static UInt128 Hash129To240(ReadOnlySpan<byte> input)
    {
        var (low, high) = ((ulong)input.Length * Prime64x1, 0UL);
        for (var end = 32; end <= 128; end += 32)
            Mix32(ref low, ref high, input[(end - 32)..], input[(end - 16)..], end - 32, 0);
        (low, high) = (Avalanche(low), Avalanche(high));
        for (var end = 160; end <= input.Length; end += 32)
            Mix32(ref low, ref high, input[(end - 32)..], input[(end - 16)..], 3 + end - 160, 0);
        Mix32(ref low, ref high, input[^16..], input[^32..], 103, 0);
        return Finish(low, high, input.Length);
    }

    private static UInt128 Finish(ulong low, ulong high, int length)
    {
        var mixed = low * Prime64x1 + high * Prime64x4 + (ulong)length * Prime64x2;
        return new UInt128(0UL - Avalanche(mixed), Avalanche(low + high));
    }

    private static void Mix32(ref ulong low, ref ulong high, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int secret, ulong seed)
    {
        low += Mix16(first, secret, seed);
        low ^= R(second, 0) + R(second, 8);
        high += Mix16(second, secret + 16, seed);
        high ^= R(first, 0) + R(first, 8);
    }

    private static ulong Mix16(ReadOnlySpan<byte> input, int secret, ulong seed) =>
        Fold(R(input, 0) ^ (S(secret) + seed), R(input, 8) ^ (S(secret + 8) - seed));
}
