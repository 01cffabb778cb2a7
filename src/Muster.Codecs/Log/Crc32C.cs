using System.Buffers.Binary;
using System.Numerics;

namespace Muster.Codecs.Log;

/// <summary>CRC-32C (Castagnoli), the checksum of every file Muster writes.</summary>
/// <remarks>Source: Castagnoli, Bräuer, Herrmann, IEEE Trans. Communications 41(6), 1993; RFC 3720, appendix B.4.</remarks>
public static class Crc32C
{
    /// <summary>The checksum of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Continue(uint.MaxValue, bytes);

    /// <summary>The checksum of bytes and of more bytes after them.</summary>
    /// <param name="before">Checksum of the bytes before; 0 for none.</param>
    /// <param name="more">What follows them.</param>
    public static uint Append(uint before, ReadOnlySpan<byte> more) => ~Continue(~before, more);

    /// <summary>The checksum of bytes that must stand at one place of one file: elsewhere the same bytes do not match.</summary>
    /// <param name="salt">Drawn once for the file.</param>
    /// <param name="place">Offset or block number in the file.</param>
    /// <param name="bytes">What is written there.</param>
    public static uint Of(ulong salt, long place, ReadOnlySpan<byte> bytes)
    {
        var state = BitOperations.Crc32C(BitOperations.Crc32C(uint.MaxValue, salt), (ulong)place);
        return ~Continue(state, bytes);
    }

    private static uint Continue(uint state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var value in bytes)
            state = BitOperations.Crc32C(state, value);
        return state;
    }
}
