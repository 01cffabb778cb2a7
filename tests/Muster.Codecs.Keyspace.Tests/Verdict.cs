using Muster.Codecs.Keyspace;

namespace Muster.Codecs.Tests.Keyspace;

/// <summary>Accept means a canonical round trip, reject a typed error; nothing else, and never more than 16 times the input in memory.</summary>
internal static class Verdict
{
    // What one decoder object, one exception and its text take, whatever the input.
    private const long FixedBytes = 8 * 1024;

    /// <returns>Whether it was accepted.</returns>
    public static bool Of<T>(byte[] input, Func<byte[], T> decode, Func<T, byte[]> encode)
    {
        var (value, accepted, allocated) = Measure(input, decode);

        // The runtime charges whoever comes first with what it makes once per process: tables of static fields (8 KiB a
        // piece), pools, caches. That is nobody's input; what an input costs, it costs every time.
        if (allocated > BytesMax(input))
            allocated = Measure(input, decode).Allocated;
        Assert.True(allocated <= BytesMax(input), $"{input.Length} bytes made {allocated} bytes of memory");

        if (accepted)
            Assert.Equal(input, encode(value!));
        return accepted;
    }

    private static long BytesMax(byte[] input) => 16L * input.Length + FixedBytes;

    private static (T? Value, bool Accepted, long Allocated) Measure<T>(byte[] input, Func<byte[], T> decode)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var value = decode(input);
            return (value, true, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        catch (CodecException refused)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.InRange(refused.Offset, 0, input.Length);
            return (default, false, allocated);
        }
    }
}
