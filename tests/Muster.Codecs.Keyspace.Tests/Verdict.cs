using Muster.Codecs.Keyspace;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Keyspace;

/// <summary>Accept means a canonical round trip, reject a typed error; nothing else, and never more than 16 times the input in memory.</summary>
internal static class Verdict
{
    // What one decoder object, one exception and its text take, whatever the input.
    private const long FixedBytes = 8 * 1024;

    // What is made once per process is nobody's input.
    static Verdict() => CommandCodec.Decode(CommandCodec.Encode(new Command.Transact(Transaction.Always(new Operation.Put(new([1]), default)))));

    /// <returns>Whether it was accepted.</returns>
    public static bool Of<T>(byte[] input, Func<byte[], T> decode, Func<T, byte[]> encode)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        T value;
        try
        {
            value = decode(input);
        }
        catch (CodecException refused)
        {
            Assert.InRange(refused.Offset, 0, input.Length);
            CheckMemory(input, before);
            return false;
        }

        CheckMemory(input, before);
        Assert.Equal(input, encode(value));
        return true;
    }

    private static void CheckMemory(byte[] input, long before)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= 16L * input.Length + FixedBytes, $"{input.Length} bytes made {allocated} bytes of memory");
    }
}
