using System.Buffers.Binary;
using Muster.Codecs.Log;
using Muster.Disk.Log;
using Muster.Disk.Snapshots;
using Muster.Primitives;

namespace Muster.Disk.Tests.Snapshots;

public sealed class DurableStateTests : IDisposable
{
    private static readonly LogLimits Limits = new() { SegmentBytes = 2048 };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(SnapshotBlock.ContentBytes)]
    [InlineData((3 * SnapshotBlock.ContentBytes) + 17)]
    public async Task A_snapshot_gives_back_its_content_whatever_the_sizes_of_pieces(int bytes)
    {
        var content = new byte[bytes];
        new SeededRandom(1).Fill(content);
        using (var state = await OpenAsync(new Counter()))
        {
            await state.Log.AppendAsync(new byte[8]);
            await state.SaveSnapshotAsync(new RecordNumber(1), async writer =>
            {
                for (var at = 0; at < bytes; at += 100_000)
                    await writer.WriteAsync(content.AsMemory(at, Math.Min(100_000, bytes - at)));
            });
        }

        var back = new List<byte>();
        using var again = await DurableState.OpenAsync(_directory.Volume, "state", Limits, new SeededRandom(2), async reader =>
        {
            var piece = new byte[77_777];
            for (int read; (read = await reader.ReadAsync(piece)) > 0;)
                back.AddRange(piece.AsSpan(0, read));
        }, (_, _) => { });

        Assert.Equal(content, back);
        Assert.Equal(new RecordNumber(1), again.Covered);
    }

    [Fact]
    public async Task The_last_two_snapshots_are_kept_and_the_log_back_to_the_older_one()
    {
        var counter = new Counter();
        using var state = await OpenAsync(counter);

        for (var i = 1; i <= 500; i++)
        {
            await counter.AddAsync(state, i);
            if (i % 100 == 0)
                await counter.SaveAsync(state);
        }

        Assert.Equal(
            ["00000000000000000400.snapshot", "00000000000000000500.snapshot"], Names("state/snapshots"));
        Assert.InRange(state.Log.First.Value, 350, 401);
    }

    [Fact]
    public async Task A_damaged_newest_snapshot_is_made_up_for_set_aside_and_reported()
    {
        var before = new Counter();
        using (var state = await OpenAsync(before))
        {
            for (var i = 1; i <= 300; i++)
            {
                await before.AddAsync(state, i);
                if (i % 100 == 0)
                    await before.SaveAsync(state);
            }
        }

        Damage("state/snapshots/00000000000000000300.snapshot");
        var after = new Counter();
        using (var state = await OpenAsync(after))
        {
            Assert.Equal(before.Sum, after.Sum);
            Assert.Equal("state/snapshots/00000000000000000300.snapshot", state.DamagedSnapshots.Single().File);
            Assert.Equal(64, state.DamagedSnapshots.Single().Offset);
            Assert.Contains("00000000000000000300.snapshot.damaged", Names("state/snapshots"));
            await after.SaveAsync(state);
        }

        var again = new Counter();
        using var last = await OpenAsync(again);
        Assert.Equal(before.Sum, again.Sum);
        Assert.Empty(last.DamagedSnapshots);
    }

    [Fact]
    public async Task A_damaged_snapshot_that_nothing_makes_up_for_is_refused_and_nothing_changes()
    {
        var counter = new Counter();
        using (var state = await OpenAsync(counter))
        {
            for (var i = 1; i <= 300; i++)
            {
                await counter.AddAsync(state, i);
                if (i % 100 == 0)
                    await counter.SaveAsync(state);
            }
        }

        Damage("state/snapshots/00000000000000000200.snapshot");
        Damage("state/snapshots/00000000000000000300.snapshot");
        var error = await Assert.ThrowsAsync<SnapshotDamagedException>(() => OpenAsync(new Counter()));

        Assert.Equal("state/snapshots/00000000000000000300.snapshot", error.File);
        Assert.Equal(2, Names("state/snapshots").Length);
    }

    [Fact]
    public async Task A_reader_beside_the_owner_sees_the_same()
    {
        var counter = new Counter();
        using var state = await OpenAsync(counter);
        for (var i = 1; i <= 250; i++)
        {
            await counter.AddAsync(state, i);
            if (i % 100 == 0)
                await counter.SaveAsync(state);
        }

        var seen = new Counter();
        var found = await DurableState.ReadAsync(_directory.Volume, "state", Limits, seen.LoadAsync, seen.Replay);

        Assert.Equal(counter.Sum, seen.Sum);
        Assert.Equal(50, found.Records);
    }

    private Task<DurableState> OpenAsync(Counter counter) =>
        DurableState.OpenAsync(_directory.Volume, "state", Limits, new SeededRandom(2), counter.LoadAsync, counter.Replay);

    private string[] Names(string directory) =>
        [.. Directory.GetFiles(_directory.At(directory)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private void Damage(string path)
    {
        var bytes = File.ReadAllBytes(_directory.At(path));
        bytes[75] ^= 4;
        File.WriteAllBytes(_directory.At(path), bytes);
    }

    /// <summary>A state that is one number.</summary>
    private sealed class Counter
    {
        public long Sum { get; private set; }

        private RecordNumber Applied { get; set; }

        public async Task AddAsync(DurableState state, long value)
        {
            var record = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(record, value);
            Replay(await state.Log.AppendAsync(record), record);
        }

        public Task SaveAsync(DurableState state) => state.SaveSnapshotAsync(Applied, writer =>
        {
            var content = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(content, Sum);
            return writer.WriteAsync(content);
        });

        public async ValueTask LoadAsync(SnapshotReader reader)
        {
            var content = new byte[8];
            await reader.ReadAsync(content);
            (Sum, Applied) = (BinaryPrimitives.ReadInt64LittleEndian(content), reader.Covered);
        }

        public void Replay(RecordNumber number, ReadOnlyMemory<byte> record)
        {
            Sum += BinaryPrimitives.ReadInt64LittleEndian(record.Span);
            Applied = number;
        }
    }
}
