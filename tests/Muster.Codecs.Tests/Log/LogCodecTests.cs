using System.Text;
using Muster.Codecs.Log;

namespace Muster.Codecs.Tests.Log;

public sealed class LogCodecTests
{
    [Fact]
    public void The_checksum_is_crc32c_with_the_value_that_its_definition_gives()
    {
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
    }

    [Fact]
    public void A_frame_is_valid_only_in_its_own_place()
    {
        var place = new FramePlace(1, 64, 2);
        ReadOnlyMemory<byte>[] records = [Encoding.UTF8.GetBytes("record")];
        var frame = new byte[FrameCodec.Measure(records)];

        FrameCodec.Write(place, new RecordNumber(7), records, frame);

        Assert.True(FrameHeader.TryRead(1, 64, frame, out var header, out _));
        Assert.Equal("record", Encoding.UTF8.GetString(FrameCodec.ReadRecords(place, header, frame)[0].Span));
        Assert.False(FrameHeader.TryRead(2, 64, frame, out _, out _));
        Assert.False(FrameHeader.TryRead(1, 96, frame, out _, out _));
        Assert.Throws<CodecException>(() => FrameCodec.ReadRecords(place with { Previous = 3 }, header, frame));
    }

    [Fact]
    public void Every_single_bit_of_a_frame_counts()
    {
        var place = new FramePlace(1, 480, 2);
        ReadOnlyMemory<byte>[] records = [Encoding.UTF8.GetBytes("one"), new byte[600], Encoding.UTF8.GetBytes("three")];
        var frame = new byte[FrameCodec.Measure(records)];
        FrameCodec.Write(place, new RecordNumber(7), records, frame);

        for (var bit = 0; bit < frame.Length * 8; bit++)
        {
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(
                !FrameHeader.TryRead(place.Salt, place.Offset, frame, out var header, out _) || !FrameCodec.IsBodyIntact(place, header, frame),
                $"bit {bit}");
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_frame_tells_how_many_of_its_sectors_are_zero_by_nature()
    {
        var place = new FramePlace(1, 480, 2);
        ReadOnlyMemory<byte>[] records = [new byte[2000]];
        var frame = new byte[FrameCodec.Measure(records)];

        FrameCodec.Write(place, new RecordNumber(1), records, frame);
        Assert.True(FrameHeader.TryRead(place.Salt, place.Offset, frame, out var header, out _));

        Assert.Equal(3, header.BlankSectors);   // 512–1023 begins with the record's length; three more follow it
    }

    [Fact]
    public void Another_version_is_refused_by_name()
    {
        var bytes = new byte[SegmentHeader.Bytes];
        new SegmentHeader(1, new RecordNumber(1), 0).Write(bytes);
        bytes[8] = 2;

        var error = Assert.Throws<CodecException>(() => SegmentHeader.Read(bytes));

        Assert.Contains("version 2", error.Message, StringComparison.Ordinal);
    }
}
