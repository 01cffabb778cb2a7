using System.Text;
using Muster.Codecs.Log;
using Muster.CrashPoints.Tests.Harness;
using Muster.CrashPoints.Tests.Paths;
using Muster.Disk.Log;
using Muster.Disk.Snapshots;
using Muster.Primitives;
using Muster.Simulation.Disk;

namespace Muster.CrashPoints.Tests;

/// <summary>What was durable and changed behind everyone's back is refused, or made up for; never believed.</summary>
public sealed class DamageTests(ITestOutputHelper output)
{
    private static readonly LogLimits Limits = new() { SegmentBytes = 900, RecordBytesMax = 8192, FrameBytes = 8192 };

    [Fact]
    public async Task Every_single_bit_flip_in_a_log_is_refused_by_file()
    {
        var disk = await BuildLogAsync();
        var flips = 0;

        foreach (var path in disk.Files())
        {
            for (var bit = 0L; bit < disk.ReadAll(path).Length * 8L; bit++, flips++)
            {
                disk.FlipBit(path, bit);
                var error = await Assert.ThrowsAsync<LogDamagedException>(() => ReplayAsync(disk.Fork()));
                Assert.True(error.File == path || error.Message.Contains("missing", StringComparison.Ordinal), $"bit {bit} of {path}: {error.Message}");
                disk.FlipBit(path, bit);
            }
        }

        output.WriteLine($"{flips} flips");
        Assert.True(flips > 15_000, $"{flips} flips are fewer than claimed");
    }

    [Fact]
    public async Task A_sector_that_is_zeroed_or_stale_or_of_another_place_is_refused_unless_it_is_of_the_last_write()
    {
        var disk = await BuildLogAsync();
        var whole = await ReplayAsync(disk.Fork());
        var last = disk.Files()[^1];
        var lastSector = (disk.ReadAll(last).Length - 1) / SimulatedDisk.SectorBytes;
        int refused = 0, cut = 0;

        foreach (var (path, sector, bytes) in Sectors(disk).SelectMany(Replacements))
        {
            var changed = disk.Fork();
            changed.Overwrite(path, sector * (long)SimulatedDisk.SectorBytes, bytes);
            try
            {
                var found = await ReplayAsync(changed);
                // Only the sector that holds the whole last write: without it the disk is as if that had never been.
                Assert.True(path == last && sector == lastSector, $"{path} sector {sector}: {found.Count} of {whole.Count}");
                Assert.Equal(whole.Take(found.Count), found);
                cut++;
            }
            catch (LogDamagedException)
            {
                refused++;
            }
        }

        output.WriteLine($"{refused} refused, {cut} cut");
        Assert.True(refused > 25 && cut < 10, $"{refused} refused, {cut} cut");

        IEnumerable<(string, int, byte[])> Replacements((string Path, int Sector, byte[] Was) at)
        {
            byte[][] others = [new byte[at.Was.Length], .. Sectors(disk).Select(other => other.Bytes).Where(other => other.Length == at.Was.Length)];
            return others.Where(other => !other.AsSpan().SequenceEqual(at.Was)).Select(other => (at.Path, at.Sector, other));
        }
    }

    [Fact]
    public async Task A_bit_flip_in_a_state_is_refused_or_made_up_for_by_the_older_snapshot_and_the_log()
    {
        var disk = new SimulatedDisk();
        await new SnapshotAndTruncation().RunAsync(disk.Mount(), new Ledger());
        var whole = new List<string>();
        (await SnapshotAndTruncation.OpenAsync(disk.Fork().Mount(), whole)).Dispose();
        var chance = new SeededRandom(3);
        int refused = 0, madeUpFor = 0, untouched = 0;

        for (var i = 0; i < 20_000; i++)
        {
            var path = chance.Pick(disk.Files());
            var bit = (long)chance.NextBelow((ulong)disk.ReadAll(path).Length * 8);
            disk.FlipBit(path, bit);
            var words = new List<string>();
            try
            {
                using var state = await SnapshotAndTruncation.OpenAsync(disk.Fork().Mount(), words);
                Assert.Equal(whole, words);
                _ = state.DamagedSnapshots.Count > 0 ? madeUpFor++ : untouched++;
            }
            catch (Exception error) when (error is LogDamagedException or SnapshotDamagedException)
            {
                refused++;
            }

            disk.FlipBit(path, bit);
        }

        output.WriteLine($"{refused} refused, {madeUpFor} made up for, {untouched} where nothing needed the bytes");
        Assert.True(refused > 1000 && madeUpFor > 1000);
    }

    [Fact]
    public async Task A_damaged_newest_snapshot_is_refused_by_file_and_offset_when_nothing_makes_up_for_it()
    {
        var disk = new SimulatedDisk();
        await new SnapshotAndTruncation().RunAsync(disk.Mount(), new Ledger());
        var snapshots = disk.Files().Where(path => path.EndsWith(".snapshot", StringComparison.Ordinal)).ToArray();
        disk.FlipBit(snapshots[^1], 8 * 100);
        disk.FlipBit(snapshots[^2], 8 * 100);

        var error = await Assert.ThrowsAsync<SnapshotDamagedException>(() => SnapshotAndTruncation.OpenAsync(disk.Mount(), []));

        Assert.Equal(2, snapshots.Length);
        Assert.Equal(snapshots[^1], error.File);
        Assert.Equal(64, error.Offset);
    }

    private static async Task<SimulatedDisk> BuildLogAsync()
    {
        var disk = new SimulatedDisk();
        using var log = await OpenAsync(disk, []);
        for (var i = 0; i < 9; i++)
            await log.AppendAsync(Encoding.UTF8.GetBytes($"record {i} " + new string('r', 80 * i)));
        await log.AppendAsync([Encoding.UTF8.GetBytes("two"), Encoding.UTF8.GetBytes("together")]);
        return disk;
    }

    private static async Task<List<string>> ReplayAsync(SimulatedDisk disk)
    {
        var found = new List<string>();
        (await OpenAsync(disk, found)).Dispose();
        return found;
    }

    private static Task<WriteAheadLog> OpenAsync(SimulatedDisk disk, List<string> found) => WriteAheadLog.OpenAsync(
        disk.Mount(), "log", RecordNumber.None, Limits, new SeededRandom(8),
        (_, record) => found.Add(Encoding.UTF8.GetString(record.Span)));

    private static List<(string Path, int Sector, byte[] Bytes)> Sectors(SimulatedDisk disk) =>
        [.. disk.Files().SelectMany(path => disk.ReadAll(path).Chunk(SimulatedDisk.SectorBytes).Select((bytes, index) => (path, index, bytes)))];
}
