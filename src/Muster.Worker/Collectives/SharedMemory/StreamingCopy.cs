using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Muster.Worker.Collectives;

/// <summary>A copy past the cache: the target is not read first, and nothing is pushed out for it.</summary>
/// <remarks>Pays for data that no cache would hold until their next use; see <see cref="BytesMin"/>.</remarks>
internal static unsafe class StreamingCopy
{
    /// <summary>Whole messages from this size on are copied out past the cache.</summary>
    public const long BytesMin = 8 << 20;

    private const int Line = 128;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(byte* source, byte* target, long length)
    {
        var i = Math.Min(length, -(nint)target & 31);
        Buffer.MemoryCopy(source, target, i, i);
        for (; i <= length - Line; i += Line)
        {
            var a = Vector256.Load(source + i);
            var b = Vector256.Load(source + i + 32);
            var c = Vector256.Load(source + i + 64);
            var d = Vector256.Load(source + i + 96);
            a.StoreAlignedNonTemporal(target + i);
            b.StoreAlignedNonTemporal(target + i + 32);
            c.StoreAlignedNonTemporal(target + i + 64);
            d.StoreAlignedNonTemporal(target + i + 96);
        }

        Buffer.MemoryCopy(source + i, target + i, length - i, length - i);
    }

    /// <summary>Must follow the last copy before another thread may look: such stores are not ordered by themselves.</summary>
    public static void Finish()
    {
        if (Sse.IsSupported)
            Sse.StoreFence();
        Interlocked.MemoryBarrier();
    }
}
