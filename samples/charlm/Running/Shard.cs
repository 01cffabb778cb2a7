using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Muster.Samples.Charlm.Training;

namespace Muster.Samples.Charlm.Running;

/// <summary>What a checkpoint is of: a shard says so inside, and is refused where it does not fit.</summary>
internal sealed record CheckpointSubject(long Step, int WorldSize, int Hidden, string CorpusDigest);

/// <summary>One rank's part of the state: a slice of the parameters and of both moments.</summary>
/// <remarks>
/// The state is the same on every rank, so each writes only its slice and the checkpoint holds it once. Version 1: the header's
/// eight numbers of 8 bytes, little-endian, then the three slices as floats.
/// </remarks>
internal static class Shard
{
    public const string FileName = "shard.bin";
    private const long Magic = 0x31304D4C52414843;   // "CHARLM01"
    private const int HeaderBytes = 64;

    /// <summary>Parameters in every slice; the last one may hold fewer.</summary>
    public static int SliceLength(int parameters, int worldSize) => (parameters + worldSize - 1) / worldSize;

    public static Range Slice(int parameters, int rank, int worldSize)
    {
        var length = SliceLength(parameters, worldSize);
        return Math.Min(rank * length, parameters)..Math.Min((rank + 1) * length, parameters);
    }

    public static byte[] Write(TrainingState weights, TrainingState moments, int rank, CheckpointSubject subject)
    {
        var slice = Slice(weights.Parameters.Length, rank, subject.WorldSize);
        var (start, length) = slice.GetOffsetAndLength(weights.Parameters.Length);
        var bytes = new byte[HeaderBytes + 3 * sizeof(float) * length];
        WriteHeader(bytes, subject, rank, start, length);
        var floats = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(HeaderBytes));
        weights.Parameters.Span[slice].CopyTo(floats);
        moments.FirstMoment.Span[slice].CopyTo(floats[length..]);
        moments.SecondMoment.Span[slice].CopyTo(floats[(2 * length)..]);
        return bytes;
    }

    /// <summary>Puts a shard's slices in their places.</summary>
    /// <exception cref="ShardException">The shard is damaged, or of another run, step, rank or world.</exception>
    public static void Read(ReadOnlySpan<byte> bytes, TrainingState state, int rank, CheckpointSubject subject, string path)
    {
        var parameters = state.Parameters.Length;
        var slice = Slice(parameters, rank, subject.WorldSize);
        var (start, length) = slice.GetOffsetAndLength(parameters);
        var wanted = new byte[HeaderBytes];
        WriteHeader(wanted, subject, rank, start, length);
        if (bytes.Length < HeaderBytes || !bytes[..HeaderBytes].SequenceEqual(wanted))
            throw new ShardException($"{path} does not fit this run: it holds {Describe(bytes)}, and wanted is {Describe(wanted)}. Give the arguments and the corpus it was saved with, or start a new run");
        if (bytes.Length != HeaderBytes + 3 * sizeof(float) * length)
            throw new ShardException($"{path} has {bytes.Length} bytes and should have {HeaderBytes + 3 * sizeof(float) * length}: it is damaged, restore an older checkpoint");
        var floats = MemoryMarshal.Cast<byte, float>(bytes[HeaderBytes..]);
        floats[..length].CopyTo(state.Parameters.Span[slice]);
        floats[length..(2 * length)].CopyTo(state.FirstMoment.Span[slice]);
        floats[(2 * length)..].CopyTo(state.SecondMoment.Span[slice]);
    }

    /// <summary>Ranks of the world that saved a shard.</summary>
    /// <exception cref="ShardException">It is no shard.</exception>
    public static int WorldSizeOf(ReadOnlySpan<byte> bytes, string path) =>
        bytes.Length >= HeaderBytes && BinaryPrimitives.ReadInt64LittleEndian(bytes) == Magic
            ? (int)BinaryPrimitives.ReadInt64LittleEndian(bytes[16..])
            : throw new ShardException($"{path} is not a shard of this program: restore an older checkpoint or start a new run");

    private static void WriteHeader(Span<byte> bytes, CheckpointSubject subject, int rank, int start, int length)
    {
        ReadOnlySpan<long> header = [Magic, subject.Step, subject.WorldSize, rank, subject.Hidden, start, length];
        for (var i = 0; i < header.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes[(8 * i)..], header[i]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[56..], Convert.ToUInt64(subject.CorpusDigest, 16));
    }

    private static string Describe(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadInt64LittleEndian(bytes) != Magic)
            return "no shard of this program";
        var text = new StringBuilder();
        ReadOnlySpan<string> names = ["step", "world size", "rank", "hidden", "first parameter", "parameters"];
        for (var i = 0; i < names.Length; i++)
            text.Append(names[i]).Append(' ').Append(BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 + 8 * i)..])).Append(", ");
        return text.Append("corpus ").Append(BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..]).ToString("x16", null)).ToString();
    }
}
