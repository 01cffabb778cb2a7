using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static Muster.Checkpoints.Digests.Xxh3Constants;

namespace Muster.Checkpoints.Digests;

/// <summary>XXH3 with 128 bits, seed 0: what <c>xxh128sum</c> prints. Fast, and good against accidents, not against forgers.</summary>
/// <remarks>Source: Collet, "XXH3 specification", doc/xxhash_spec.md of the xxHash project. One stream at a time.</remarks>
public sealed class Xxh3
{
    private readonly ulong[] _lanes = new ulong[8];
    private readonly byte[] _block = new byte[BlockBytes];
    private readonly byte[] _lastStripe = new byte[StripeBytes];
    private int _filled;
    private long _length;

    /// <summary>Begins with no bytes.</summary>
    public Xxh3() => Reset();

    /// <summary>The digest of some bytes.</summary>
    public static UInt128 Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= Xxh3Short.BytesMax)
            return Xxh3Short.Hash(bytes);
        var hash = new Xxh3();
        hash.Append(bytes);
        return hash.Digest();
    }

    /// <summary>32 lower-case hexadecimal digits, as <c>xxh128sum</c> prints them.</summary>
    public static string Format(UInt128 digest) => digest.ToString("x32");

    /// <summary>Begins again.</summary>
    public void Reset()
    {
        ReadOnlySpan<ulong> first = [Prime32x3, Prime64x1, Prime64x2, Prime64x3, Prime64x4, Prime32x2, Prime64x5, Prime32x1];
        first.CopyTo(_lanes);
        (_filled, _length) = (0, 0);
    }

    /// <summary>Takes more bytes in.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        if (_filled > 0)
        {
            var taken = Math.Min(bytes.Length, BlockBytes - _filled);
            bytes[..taken].CopyTo(_block.AsSpan(_filled));
            _filled += taken;
            bytes = bytes[taken..];
            if (bytes.IsEmpty)
                return;
            Consume(_block);
            _filled = 0;
        }

        // A whole block is kept back until more comes: the end of the stream treats its last stripe apart.
        while (bytes.Length > BlockBytes)
        {
            Consume(bytes[..BlockBytes]);
            bytes = bytes[BlockBytes..];
        }

        bytes.CopyTo(_block);
        _filled = bytes.Length;
    }

    /// <summary>The digest of all bytes so far; more may follow.</summary>
    public UInt128 Digest()
    {
        if (_length <= Xxh3Short.BytesMax)
            return Xxh3Short.Hash(_block.AsSpan(0, _filled));
        Span<ulong> lanes = stackalloc ulong[8];
        _lanes.CopyTo(lanes);
        var rest = _block.AsSpan(0, _filled);
        var stripes = (rest.Length - 1) / StripeBytes;
        Accumulate(lanes, rest, 0, stripes);
        Span<byte> last = stackalloc byte[StripeBytes];
        if (rest.Length >= StripeBytes)
        {
            rest[^StripeBytes..].CopyTo(last);
        }
        else
        {
            _lastStripe.AsSpan(rest.Length).CopyTo(last);
            rest.CopyTo(last[(StripeBytes - rest.Length)..]);
        }

        Accumulate(lanes, last, SecretBytes - StripeBytes - 7, 1);
        return new UInt128(
            Merge(lanes, SecretBytes - StripeBytes - 11, ~((ulong)_length * Prime64x2)),
            Merge(lanes, 11, (ulong)_length * Prime64x1));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Consume(ReadOnlySpan<byte> block)
    {
        Accumulate(_lanes, block, 0, StripesPerBlock);
        for (var lane = 0; lane < 8; lane++)
        {
            var key = BinaryPrimitives.ReadUInt64LittleEndian(Secret[(SecretBytes - StripeBytes + 8 * lane)..]);
            _lanes[lane] = (_lanes[lane] ^ (_lanes[lane] >> 47) ^ key) * Prime32x1;
        }

        block[^StripeBytes..].CopyTo(_lastStripe);
    }

    internal static void Accumulate(Span<ulong> lanes, ReadOnlySpan<byte> input, int secret, int stripes)
    {
        if (Avx2.IsSupported)
            AccumulateWide(lanes, input, secret, stripes);
        else
            AccumulateNarrow(lanes, input, secret, stripes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // a keeper hashes a gigabyte before tiered compilation has looked twice
    private static void AccumulateWide(Span<ulong> lanes, ReadOnlySpan<byte> input, int secret, int stripes)
    {
        ref var state = ref MemoryMarshal.GetReference(lanes);
        ref var data = ref MemoryMarshal.GetReference(input[..(stripes * StripeBytes)]);
        ref var key = ref MemoryMarshal.GetReference(Secret[secret..]);
        var low = Vector256.LoadUnsafe(ref state);
        var high = Vector256.LoadUnsafe(ref state, 4);
        for (var stripe = 0; stripe < stripes; stripe++)
        {
            low = Step(low, ref data, ref key, 0);
            high = Step(high, ref data, ref key, 32);
            data = ref Unsafe.Add(ref data, StripeBytes);
            key = ref Unsafe.Add(ref key, SecretStep);
        }

        low.StoreUnsafe(ref state);
        high.StoreUnsafe(ref state, 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Step(Vector256<ulong> lanes, ref byte data, ref byte key, nuint offset)
    {
        const byte swapPairs = 0b01_00_11_10;
        var value = Vector256.LoadUnsafe(ref data, offset).AsUInt32();
        var keyed = value ^ Vector256.LoadUnsafe(ref key, offset).AsUInt32();
        var product = Avx2.Multiply(keyed, Avx2.ShiftRightLogical(keyed.AsUInt64(), 32).AsUInt32());
        return lanes + product + Avx2.Shuffle(value, swapPairs).AsUInt64();
    }

    internal static void AccumulateNarrow(Span<ulong> lanes, ReadOnlySpan<byte> input, int secret, int stripes)
    {
        for (var stripe = 0; stripe < stripes; stripe++)
            for (var lane = 0; lane < 8; lane++)
            {
                var value = BinaryPrimitives.ReadUInt64LittleEndian(input[(stripe * StripeBytes + 8 * lane)..]);
                var keyed = value ^ BinaryPrimitives.ReadUInt64LittleEndian(Secret[(secret + stripe * SecretStep + 8 * lane)..]);
                lanes[lane ^ 1] += value;
                lanes[lane] += (uint)keyed * (keyed >> 32);
            }
    }

    private static ulong Merge(ReadOnlySpan<ulong> lanes, int secret, ulong start)
    {
        for (var pair = 0; pair < 4; pair++)
            start += Xxh3Short.Fold(
                lanes[2 * pair] ^ BinaryPrimitives.ReadUInt64LittleEndian(Secret[(secret + 16 * pair)..]),
                lanes[2 * pair + 1] ^ BinaryPrimitives.ReadUInt64LittleEndian(Secret[(secret + 16 * pair + 8)..]));
        return Xxh3Short.Avalanche(start);
    }
}
