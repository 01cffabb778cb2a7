using System.Text;
using Muster.Codecs.Log;
using Muster.CrashPoints.Tests.Harness;
using Muster.Disk.Log;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Disk;

namespace Muster.CrashPoints.Tests.Paths;

/// <summary>A log whose records are texts.</summary>
public abstract class LogScenario : CrashPointScenario
{
    protected virtual LogLimits Limits { get; } = new() { SegmentBytes = 64 << 10, RecordBytesMax = 8192, FrameBytes = 8192 };

    public override async Task RecoverAsync(IVolume volume, Ledger ledger)
    {
        var found = new List<string>();
        using var log = await OpenAsync(volume, found);
        ledger.RequirePrefix(found);
        ledger.Resume(found);
        await AppendAsync(log, ledger, $"again{found.Count}");
    }

    protected static async Task AppendAsync(WriteAheadLog log, Ledger ledger, params string[] texts)
    {
        foreach (var text in texts)
            ledger.Attempt(text);
        var last = await log.AppendAsync([.. texts.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text))]);
        ledger.Promise((int)last.Value);
    }

    protected Task<WriteAheadLog> OpenAsync(IVolume volume, List<string> found) => WriteAheadLog.OpenAsync(
        volume, "log", RecordNumber.None, Limits, new SeededRandom(5),
        (_, record) => found.Add(Encoding.UTF8.GetString(record.Span)));
}

/// <summary>The first start, single records, and several at once; one record is larger than two sectors.</summary>
public sealed class LogAppend : LogScenario
{
    public override string Name => "log append";

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        using var log = await OpenAsync(volume, []);
        await AppendAsync(log, ledger, "a");
        await AppendAsync(log, ledger, "b", "c", "d");
        await AppendAsync(log, ledger, new string('e', 1300));
        await AppendAsync(log, ledger, new string('\0', 1600) + "f");
        await AppendAsync(log, ledger, "g");
        for (var i = 0; i < 6; i++)
            await AppendAsync(log, ledger, new string('h', 3900 + (i * 37)));
    }
}

/// <summary>Records that gather while a sync is in flight.</summary>
public sealed class LogGroupCommit : LogScenario
{
    public override string Name => "log group commit";

    public override bool SyncsTakeTurns => true;

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        using var log = await OpenAsync(volume, []);
        for (var round = 0; round < 4; round++)
        {
            var appends = Enumerable.Range(0, 6).Select(i => AppendAsync(log, ledger, $"r{round}.{i}" + new string('x', 150 * round)));
            await Task.WhenAll(appends);
        }

        if (log.Counters.Syncs >= log.Counters.Appends / 2)
            throw new CrashPointException($"{log.Counters.Syncs} syncs for {log.Counters.Appends} appends: nothing gathered");
    }
}

/// <summary>Segments that end after one or a few records.</summary>
public sealed class SegmentRoll : LogScenario
{
    public override string Name => "segment roll";

    protected override LogLimits Limits { get; } = new() { SegmentBytes = 400, RecordBytesMax = 8192, FrameBytes = 8192 };

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        using var log = await OpenAsync(volume, []);
        for (var i = 0; i < 7; i++)
            await AppendAsync(log, ledger, $"{i}" + new string('s', 60 * i));
        for (var i = 0; i < 3; i++)
            await AppendAsync(log, ledger, $"{i}" + new string('S', 4100));
    }
}

/// <summary>A start that finds a torn tail and cuts it.</summary>
public sealed class TailCut : LogScenario
{
    private const string Segment = "log/00000000000000000001.log";

    public override string Name => "recovery's tail cut";

    public override async Task PrepareAsync(SimulatedDisk disk, Ledger ledger)
    {
        using var log = await OpenAsync(disk.Mount(), []);
        await AppendAsync(log, ledger, "kept");
        // A frame of which one sector came and the others, its header's included, did not.
        disk.Overwrite(Segment, 2999, [0]);
        disk.Overwrite(Segment, 1024, [.. Enumerable.Repeat((byte)7, SimulatedDisk.SectorBytes)]);
    }

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        var found = new List<string>();
        using var log = await OpenAsync(volume, found);
        ledger.RequirePrefix(found);
        if (log.Recovery.Cut is null)
            throw new CrashPointException("nothing was cut");
        await AppendAsync(log, ledger, "after the cut");
        await AppendAsync(log, ledger, new string('z', 700));
        await AppendAsync(log, ledger, new string('Z', 4000));
    }
}
