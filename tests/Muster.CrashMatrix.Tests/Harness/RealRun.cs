using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Muster.RealRuns;

/// <summary>One test's place: a directory of its own, real processes with a mark, and what they left.</summary>
/// <remarks>Used as <c>RealRun.In(run => …)</c>: on failure everything that explains it is printed, whatever still runs is killed.</remarks>
internal sealed class RealRun : IDisposable
{
    /// <summary>Far beyond what anything takes: whoever waits this long waits for something that does not come.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(3);
    private static int s_count;

    private readonly List<MusterProcess> _started = [];

    private RealRun()
    {
        Mark = $"{Environment.ProcessId:x}-{Interlocked.Increment(ref s_count):x}";
        Root = $"/tmp/mr-{Mark}";
        if (Directory.Exists(Root))
            Directory.Delete(Root, recursive: true);
        Directory.CreateDirectory(Root);
    }

    public string Mark { get; }

    public string Root { get; }

    /// <summary>The data directory of its job.</summary>
    public string Data => Path.Combine(Root, "d");

    public string Trace => Path.Combine(Root, "t");

    public string WeightsFile => Path.Combine(Root, "weights");

    public string JobFile => Path.Combine(Root, "job.yaml");

    /// <summary>The digest that rank 0 left at its end.</summary>
    public string Weights => File.Exists(WeightsFile) ? File.ReadAllText(WeightsFile).Trim() : "none";

    public List<TestProcess> Processes => ProcessTable.Of(Mark);

    /// <summary>Runs a test's body in a place of its own.</summary>
    public static void In(Action<RealRun> body)
    {
        using var run = new RealRun();
        try
        {
            body(run);
        }
        catch (Exception failure)
        {
            throw new RealRunFailedException($"{failure.Message}\n{run.Report()}", failure);
        }
    }

    /// <summary>Starts a command of `muster`, without waiting.</summary>
    public MusterProcess Start(params string[] arguments) => Start(arguments, null);

    public MusterProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        var process = new MusterProcess(Mark, Root, arguments, environment);
        _started.Add(process);
        return process;
    }

    /// <summary>Runs a command of `muster` to its end.</summary>
    public MusterProcess Run(params string[] arguments)
    {
        var process = Start(arguments);
        process.Wait();
        return process;
    }

    /// <summary>Waits until something is so.</summary>
    /// <exception cref="TimeoutException">It does not become so.</exception>
    public static void Until(string what, Func<bool> isSo, TimeSpan? longest = null)
    {
        var clock = Stopwatch.StartNew();
        while (!isSo())
        {
            if (clock.Elapsed > (longest ?? Longest))
                throw new TimeoutException($"it did not happen: {what}");
            Thread.Sleep(s_poll);
        }
    }

    /// <summary>What a rank noted, oldest first.</summary>
    public List<TraceLine> TraceOf(int rank)
    {
        var path = Path.Combine(Trace, $"rank-{rank}");
        if (!File.Exists(path))
            return [];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(TraceLine.Parse)];
    }

    /// <summary>Lets ranks go on that wait in a phase.</summary>
    public void Release(string phase)
    {
        Directory.CreateDirectory(Trace);
        File.WriteAllText(Path.Combine(Trace, $"go-{phase}"), "");
    }

    /// <summary>Kills with SIGKILL.</summary>
    /// <returns>How many there were.</returns>
    public int Kill(Func<TestProcess, bool> which)
    {
        var victims = Processes.Where(which).ToList();
        foreach (var victim in victims)
            ProcessTable.Signal(victim, ProcessTable.SigKill);
        return victims.Count;
    }

    /// <summary>Nothing of this test runs any more: server and agent were killed with their run, keepers end by themselves.</summary>
    public void RequireNobodyLeft() => Until("every process of the job ends", () => Processes.Count == 0, TimeSpan.FromSeconds(15));

    /// <summary>Every committed checkpoint is whole.</summary>
    /// <returns>Their steps, newest first.</returns>
    public List<long> RequireCheckpointsWhole(string job)
    {
        var list = Run("ckpt", "ls", job, "--data", Data, "-o", "json");
        Assert.True(list.Wait() == 0, list.Errors);
        var verified = Run("ckpt", "verify", job, "--data", Data);
        Assert.True(verified.Wait() == 0, verified.Output + verified.Errors);
        return [.. JsonDocument.Parse(list.Output).RootElement.GetProperty("checkpoints").EnumerateArray().Select(c => c.GetProperty("step").GetInt64())];
    }

    public void Dispose()
    {
        Until("what is killed dies", () => Kill(_ => true) == 0, TimeSpan.FromSeconds(20));
        foreach (var process in _started)
            process.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private string Report()
    {
        var report = new StringBuilder();
        foreach (var process in Processes)
            report.AppendLine(CultureInfo.InvariantCulture, $"still runs: {process}");
        foreach (var process in _started.TakeLast(4))
            report.AppendLine(CultureInfo.InvariantCulture, $"--- a command's last lines\n{string.Join('\n', process.Lines.TakeLast(40))}\n{process.Errors}");
        foreach (var file in Directory.GetFiles(Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(Root, file);
            if (name.EndsWith(".log", StringComparison.Ordinal) || name.StartsWith("t/", StringComparison.Ordinal))
                report.AppendLine(CultureInfo.InvariantCulture, $"--- {name}\n{Tail(file)}");
        }

        return report.ToString();
    }

    private static string Tail(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return string.Join('\n', reader.ReadToEnd().Split('\n').TakeLast(25));
    }
}

/// <summary>One line of a rank's trace.</summary>
internal sealed record TraceLine(long Generation, string Phase, long Step)
{
    public static TraceLine Parse(string line)
    {
        var words = line.Split(' ');
        return new(long.Parse(words[0], CultureInfo.InvariantCulture), words[1], long.Parse(words[2], CultureInfo.InvariantCulture));
    }
}

/// <summary>A test on real processes failed; the text holds what they said.</summary>
public sealed class RealRunFailedException(string message, Exception inner) : Exception(message, inner);
