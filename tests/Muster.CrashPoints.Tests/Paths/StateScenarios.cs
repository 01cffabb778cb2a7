using System.Text;
using Muster.Codecs.Log;
using Muster.CrashPoints.Tests.Harness;
using Muster.Disk;
using Muster.Disk.Data;
using Muster.Disk.Log;
using Muster.Disk.Snapshots;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.CrashPoints.Tests.Paths;

/// <summary>A list of words in a log, with snapshots of all words so far, and the log deleted behind them.</summary>
public sealed class SnapshotAndTruncation : CrashPointScenario
{
    private static readonly LogLimits Limits = new() { SegmentBytes = 256, RecordBytesMax = 8192, FrameBytes = 8192 };

    public override string Name => "snapshot and log truncation";

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        var words = new List<string>();
        using var state = await OpenAsync(volume, words);
        for (var i = 0; i < 12; i++)
        {
            await AppendAsync(state, words, ledger, $"word{i}" + new string('w', i > 6 ? 450 : 0));
            if (i % 3 == 2)
                await SaveAsync(state, words);
        }

        if (state.Log.First <= new RecordNumber(3))
            throw new CrashPointException("nothing was deleted from the log");
    }

    public override async Task RecoverAsync(IVolume volume, Ledger ledger)
    {
        var words = new List<string>();
        using var state = await OpenAsync(volume, words);
        if (state.DamagedSnapshots.Count > 0)
            throw new CrashPointException(state.DamagedSnapshots[0].Message);
        ledger.RequirePrefix(words);
        ledger.Resume(words);
        await AppendAsync(state, words, ledger, $"again{words.Count}");
        await SaveAsync(state, words);
    }

    internal static async Task<DurableState> OpenAsync(IVolume volume, List<string> words) => await DurableState.OpenAsync(
        volume, "state", Limits, new SeededRandom(11), reader => LoadAsync(reader, words),
        (_, record) => words.Add(Encoding.UTF8.GetString(record.Span)));

    internal static async Task AppendAsync(DurableState state, List<string> words, Ledger ledger, string word)
    {
        ledger.Attempt(word);
        await state.Log.AppendAsync(Encoding.UTF8.GetBytes(word));
        words.Add(word);
        ledger.PromiseAll();
    }

    internal static Task SaveAsync(DurableState state, List<string> words) => state.SaveSnapshotAsync(
        new RecordNumber(words.Count), writer => writer.WriteAsync(Encoding.UTF8.GetBytes(string.Join(' ', words))));

    private static async ValueTask LoadAsync(SnapshotReader reader, List<string> words)
    {
        var content = new byte[8192];
        var filled = 0;
        for (var read = -1; read != 0; filled += read)
            read = await reader.ReadAsync(content.AsMemory(filled));
        if (filled > 0)
            words.AddRange(Encoding.UTF8.GetString(content, 0, filled).Split(' '));
    }
}

/// <summary>A whole file that is replaced again and again.</summary>
public sealed class FileReplacement : CrashPointScenario
{
    private const int Unit = 900;

    public override string Name => "whole file";

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        await volume.CreateDirectoryAsync("files");
        for (var i = 0; i < 5; i++)
        {
            ledger.Attempt($"{i}");
            await DurableFile.WriteAsync(volume, "files/one", Encoding.UTF8.GetBytes(new string((char)('a' + i), Unit * (i + 1))));
            ledger.PromiseAll();
        }
    }

    public override async Task RecoverAsync(IVolume volume, Ledger ledger)
    {
        await volume.CreateDirectoryAsync("files");
        var found = 0;
        if (await volume.ExistsAsync("files/one"))
        {
            var text = Encoding.UTF8.GetString(await DurableFile.ReadAsync(volume, "files/one", 8192));
            found = text.Length / Unit;
            if (text.Length % Unit != 0 || found == 0 || text.Any(letter => letter != 'a' + found - 1))
                throw new CrashPointException($"the file holds a mixture: {text.Length} bytes from {text[..1]}");
        }

        if (found < ledger.Promised || found > ledger.Attempted.Count)
            throw new CrashPointException($"version {found} was found, {ledger.Promised} promised, {ledger.Attempted.Count} attempted");
    }
}

/// <summary>The marking of a new data directory, and its opening again.</summary>
public sealed class DirectoryClaim : CrashPointScenario
{
    private static readonly DataFormat Format = new("test", 1);

    public override string Name => "data directory";

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        ledger.Attempt("claimed");
        await Format.ClaimAsync(volume);
        ledger.PromiseAll();
        await Format.ClaimAsync(volume);
    }

    public override async Task RecoverAsync(IVolume volume, Ledger ledger)
    {
        var isNew = await Format.ClaimAsync(volume);
        if (isNew && ledger.Promised > 0)
            throw new CrashPointException("a claimed directory is new again");
        ledger.Resume(["claimed"]);
        await Format.CheckAsync(volume);
    }
}
