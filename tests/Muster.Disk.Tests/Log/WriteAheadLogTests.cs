using System.Text;
using Muster.Codecs.Log;
using Muster.Disk.Log;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Disk.Tests.Log;

public sealed class WriteAheadLogTests : IDisposable
{
    private static readonly LogLimits Small = new() { SegmentBytes = 1024, RecordBytesMax = 4096, FrameBytes = 2048 };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_was_appended_is_replayed_in_order()
    {
        using (var log = await OpenAsync([]))
        {
            for (var i = 1; i <= 100; i++)
                Assert.Equal(new RecordNumber(i), await log.AppendAsync(Bytes($"record {i}")));
        }

        var replayed = new List<string>();
        using var again = await OpenAsync(replayed);

        Assert.Equal(Enumerable.Range(1, 100).Select(i => $"{i}:record {i}"), replayed);
        Assert.True(Segments().Length > 3);
        Assert.Null(again.Recovery.Cut);
    }

    [Fact]
    public async Task Appends_that_come_during_a_sync_share_the_next_one()
    {
        using var log = await OpenAsync([]);

        var appends = Enumerable.Range(0, 200).Select(i => log.AppendAsync(Bytes($"r{i}"))).ToArray();
        var numbers = await Task.WhenAll(appends);

        Assert.Equal(Enumerable.Range(1, 200).Select(i => new RecordNumber(i)), numbers);
        Assert.Equal(200, log.Counters.Appends);
        Assert.True(log.Counters.Syncs < 100, $"{log.Counters.Syncs} syncs");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(600)]
    public async Task A_torn_tail_is_cut_and_the_log_goes_on(int bytesLost)
    {
        using (var log = await OpenAsync([], LogLimits.Default))
        {
            await log.AppendAsync(Bytes("kept"));
            await log.AppendAsync(new byte[1000]);
        }

        Change(^1, file => file.SetLength(file.Length - bytesLost));
        using (var log = await OpenAsync([], LogLimits.Default))
        {
            Assert.Equal(new RecordNumber(1), log.Recovery.Last);
            Assert.NotNull(log.Recovery.Cut);
            await log.AppendAsync(Bytes("new"));
        }

        var replayed = new List<string>();
        using var again = await OpenAsync(replayed, LogLimits.Default);
        Assert.Equal(["1:kept", "2:new"], replayed);
    }

    [Fact]
    public async Task A_tail_of_zeros_is_cut()
    {
        using (var log = await OpenAsync([]))
            await log.AppendAsync(Bytes("kept"));

        Change(^1, file => file.SetLength(file.Length + 5000));
        using var again = await OpenAsync([]);

        Assert.Equal(new RecordNumber(1), again.Recovery.Last);
        Assert.Equal(5000, again.Recovery.Cut!.Bytes);
    }

    [Fact]
    public async Task A_changed_byte_before_an_intact_record_is_damage_with_file_and_offset()
    {
        using (var log = await OpenAsync([]))
        {
            await log.AppendAsync(Bytes("first"));
            await log.AppendAsync(Bytes("second"));
        }

        Change(^1, file => Flip(file, 64 + 36));
        var error = await Assert.ThrowsAsync<LogDamagedException>(() => OpenAsync([]));

        Assert.Equal("log/00000000000000000001.log", error.File);
        Assert.Equal(64, error.Offset);
    }

    [Fact]
    public async Task A_changed_byte_in_the_last_record_is_damage_not_a_torn_tail()
    {
        using (var log = await OpenAsync([]))
            await log.AppendAsync(Bytes("only"));

        foreach (var offset in (int[])[3, 20, 64, 70, 100, 101, 126])
        {
            Change(^1, file => Flip(file, offset));
            await Assert.ThrowsAsync<LogDamagedException>(() => OpenAsync([]));
            Change(^1, file => Flip(file, offset));
        }

        using var again = await OpenAsync([]);
        Assert.Equal(new RecordNumber(1), again.Recovery.Last);
    }

    [Fact]
    public async Task A_bad_end_of_a_segment_that_is_not_the_last_is_damage()
    {
        using (var log = await OpenAsync([]))
        {
            for (var i = 0; i < 40; i++)
                await log.AppendAsync(Bytes($"record {i}"));
        }

        Change(0, file => file.SetLength(file.Length - 40));
        var error = await Assert.ThrowsAsync<LogDamagedException>(() => OpenAsync([]));

        Assert.Contains("later segment", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_segment_is_damage()
    {
        using (var log = await OpenAsync([]))
        {
            for (var i = 0; i < 40; i++)
                await log.AppendAsync(Bytes($"record {i}"));
        }

        File.Delete(Segments()[1]);
        var error = await Assert.ThrowsAsync<LogDamagedException>(() => OpenAsync([]));

        Assert.Contains("missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_of_another_log_does_not_fit_even_with_the_right_name()
    {
        using (var log = await OpenAsync([]))
        {
            for (var i = 0; i < 40; i++)
                await log.AppendAsync(Bytes($"record {i}"));
        }

        var stale = File.ReadAllBytes(Segments()[^1]);
        var name = Segments()[^1];
        foreach (var segment in Segments())
            File.Delete(segment);
        using (var log = await OpenAsync([], seed: 99))
        {
            for (var i = 0; i < 40; i++)
                await log.AppendAsync(Bytes($"record {i}"));
        }

        File.WriteAllBytes(name, stale);
        var error = await Assert.ThrowsAsync<LogDamagedException>(() => OpenAsync([]));
        Assert.Contains("stale", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Segments_that_a_snapshot_covers_are_deleted_and_the_rest_replays_after_it()
    {
        using (var log = await OpenAsync([]))
        {
            for (var i = 1; i <= 60; i++)
                await log.AppendAsync(Bytes($"record {i}"));
            await log.DeleteThroughAsync(new RecordNumber(50));
            Assert.True(log.First > RecordNumber.None.Next && log.First <= new RecordNumber(51));
        }

        var replayed = new List<string>();
        using var again = await OpenAsync(replayed, after: 50);

        Assert.Equal(Enumerable.Range(51, 10).Select(i => $"{i}:record {i}"), replayed);
        await Assert.ThrowsAsync<LogDamagedException>(() => OpenAsync([], after: 0));
        await Assert.ThrowsAsync<LogDamagedException>(() => OpenAsync([], after: 61));
    }

    [Fact]
    public async Task An_append_over_a_limit_is_refused_by_name_and_the_log_goes_on()
    {
        using var log = await OpenAsync([]);

        var error = await Assert.ThrowsAsync<LogLimitException>(() => log.AppendAsync(new byte[4097]));

        Assert.Equal(nameof(LogLimits.RecordBytesMax), error.Limit);
        Assert.Equal(new RecordNumber(1), await log.AppendAsync(new byte[4096]));
    }

    [Fact]
    public async Task A_reader_beside_the_writer_sees_a_prefix_and_changes_nothing()
    {
        using var log = await OpenAsync([], LogLimits.Default);
        var records = new List<long>();

        for (var i = 1; i <= 50; i++)
        {
            var append = log.AppendAsync(new byte[i * 37]);
            records.Clear();
            var found = await WriteAheadLog.ReadAsync(
                _directory.Volume, "log", RecordNumber.None, LogLimits.Default, (number, _) => records.Add(number.Value));
            await append;
            Assert.InRange(found.Last.Value, i - 1, i);
            Assert.Equal(Enumerable.Range(1, (int)found.Last.Value).Select(n => (long)n), records);
        }
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static void Flip(FileStream file, long offset)
    {
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 0x10));
    }

    private Task<WriteAheadLog> OpenAsync(List<string> replayed, LogLimits? limits = null, long after = 0, ulong seed = 7) =>
        WriteAheadLog.OpenAsync(
            _directory.Volume, "log", new RecordNumber(after), limits ?? Small, new SeededRandom(seed),
            (number, record) => replayed.Add($"{number}:{Encoding.UTF8.GetString(record.Span)}"));

    private string[] Segments() => [.. Directory.GetFiles(_directory.At("log")).Order(StringComparer.Ordinal)];

    private void Change(Index segment, Action<FileStream> change)
    {
        using var file = new FileStream(Segments()[segment], FileMode.Open);
        change(file);
    }
}
