using System.Buffers.Binary;
using Muster.Codecs.Log;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Log;

/// <summary>Any bytes are either refused with a typed error, or are exactly what the value they stand for is written as.</summary>
public sealed class LogCodecFuzzTests(ITestOutputHelper output)
{
    private const int Inputs = 200_000;

    private static readonly ulong Seed = ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    private delegate byte[]? Decode(byte[] input);

    [Fact]
    public void A_segment_header_is_refused_or_canonical() => Fuzz(
        chance => Written(SegmentHeader.Bytes, new SegmentHeader(chance.NextUInt64(), Number(chance), (uint)chance.NextUInt64()).Write),
        bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(32), Crc32C.Of(bytes.AsSpan(0, 32))),
        input => Written(SegmentHeader.Bytes, SegmentHeader.Read(input).Write));

    [Fact]
    public void A_snapshot_header_is_refused_or_canonical() => Fuzz(
        chance => Written(SnapshotHeader.Bytes, new SnapshotHeader(chance.NextUInt64(), Number(chance)).Write),
        bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(28), Crc32C.Of(bytes.AsSpan(0, 28))),
        input => Written(SnapshotHeader.Bytes, SnapshotHeader.Read(input).Write));

    [Fact]
    public void A_frame_is_refused_or_canonical() => Fuzz(WriteFrame, SealFrame, input =>
    {
        var place = Place;
        if (!FrameHeader.TryRead(place.Salt, place.Offset, input, out var header, out _) || header.FrameBytes > input.Length)
            return null;
        var records = FrameCodec.ReadRecords(place, header, input.AsMemory(0, (int)header.FrameBytes));
        var again = new byte[FrameCodec.Measure(records)];
        FrameCodec.Write(place, header.First, records, again);
        return again;
    });

    [Fact]
    public void A_snapshot_block_is_refused_or_canonical() => Fuzz(
        chance =>
        {
            var content = new byte[chance.Next(1, 60)];
            chance.Fill(content);
            var bytes = new byte[SnapshotBlock.HeaderBytes + content.Length];
            SnapshotBlock.Write(9, 64, content, isTrailer: false, bytes);
            content.CopyTo(bytes, SnapshotBlock.HeaderBytes);
            return bytes;
        },
        bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc32C.Of(9, 64, bytes.AsSpan(8))),
        input =>
        {
            var block = SnapshotBlock.Read(64, input);
            var wanted = block.Length == 0 ? SnapshotBlock.TrailerBytes : block.Length;
            var content = input.AsSpan(SnapshotBlock.HeaderBytes);
            content = content[..Math.Min(content.Length, wanted)];
            block.Require(9, 64, content);
            var again = new byte[SnapshotBlock.HeaderBytes + content.Length];
            SnapshotBlock.Write(9, 64, content, isTrailer: block.Length == 0, again);
            content.CopyTo(again.AsSpan(SnapshotBlock.HeaderBytes));
            return again;
        });

    [Fact]
    public void Checksums_of_blocks_are_refused_or_canonical() => Fuzz(
        chance => new BlockChecksums(chance.Next(1, 1 << 30), [.. Enumerable.Range(0, chance.Next(6)).Select(_ => (uint)chance.NextUInt64())]).Encode(),
        bytes =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), Crc32C.Of(bytes.AsSpan(64)));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), Crc32C.Of(bytes.AsSpan(0, 24)));
        },
        input => BlockChecksums.Decode(input).Encode());

    private static FramePlace Place { get; } = new(0xFEED, 480, 0xABCD);

    private static RecordNumber Number(SeededRandom chance) => new(1 + chance.Next(1 << 20));

    private static byte[] Written(int length, SpanWriter write)
    {
        var bytes = new byte[length];
        write(bytes);
        return bytes;
    }

    private delegate void SpanWriter(Span<byte> destination);

    private static byte[] WriteFrame(SeededRandom chance)
    {
        var records = new ReadOnlyMemory<byte>[chance.Next(1, 5)];
        for (var i = 0; i < records.Length; i++)
        {
            var record = new byte[chance.Chance(0.02) ? chance.Next(1500) : chance.Next(40)];
            if (chance.Chance(0.7))
                chance.Fill(record);
            records[i] = record;
        }

        var frame = new byte[FrameCodec.Measure(records)];
        FrameCodec.Write(Place, Number(chance), records, frame);
        return frame;
    }

    /// <summary>Makes checksums right again, so that what lies below them is reached.</summary>
    private static void SealFrame(byte[] frame)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(20), Crc32C.Of(Place.Salt, Place.Offset, frame.AsSpan(FrameHeader.Bytes)));
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Crc32C.Of(Place.Salt, Place.Offset, frame.AsSpan(4, FrameHeader.Bytes - 4)));
    }

    private void Fuzz(Func<SeededRandom, byte[]> write, Action<byte[]> seal, Decode decode)
    {
        var chance = new SeededRandom(Seed);
        int accepted = 0, refused = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var before = chance.Split();
            var input = Make(before, write, seal);
            try
            {
                if (decode(input) is { } again)
                {
                    Assert.Equal(again, input.AsSpan(0, again.Length).ToArray());
                    accepted++;
                }
                else
                {
                    refused++;
                }
            }
            catch (CodecException)
            {
                refused++;
            }
            catch (Exception error)
            {
                Assert.Fail($"MUSTER_SEED={Seed}, input {i}, {Convert.ToHexString(input)}: {error}");
            }
        }

        output.WriteLine($"{accepted} accepted, {refused} refused");
        Assert.True(accepted > Inputs / 10 && refused > Inputs / 3, $"{accepted} accepted, {refused} refused: the inputs are one-sided");
    }

    private static byte[] Make(SeededRandom chance, Func<SeededRandom, byte[]> write, Action<byte[]> seal)
    {
        var kind = chance.Next(10);
        var bytes = write(chance);
        if (kind == 0)
            chance.Fill(bytes);
        for (var changes = kind < 2 ? 0 : chance.Next(1, 4); changes > 0; changes--)
            Mutate(bytes, chance);
        if (kind >= 5 || (kind == 0 && chance.Chance(0.5)))
            seal(bytes);
        return kind == 4 ? bytes[..chance.Next(bytes.Length + 1)] : bytes;
    }

    private static void Mutate(byte[] bytes, SeededRandom chance)
    {
        // The first bytes hold lengths and counts: half of the changes go there.
        var at = chance.Next(chance.Chance(0.5) ? Math.Min(bytes.Length, 40) : bytes.Length);
        bytes[at] = chance.Next(4) switch
        {
            0 => (byte)chance.Next(256),
            1 => 0,
            2 => 255,
            _ => (byte)(bytes[at] ^ (1 << chance.Next(8))),
        };
    }
}
