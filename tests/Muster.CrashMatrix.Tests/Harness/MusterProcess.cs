using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Muster.RealRuns;

/// <summary>One command of `muster` as a real process, its output gathered while it runs.</summary>
internal sealed class MusterProcess : IDisposable
{
    private static int s_started;

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly StringBuilder _errors = new();

    public MusterProcess(string mark, string directory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(Installation.Muster, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MUSTER_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        start.Environment[ProcessTable.Mark] = mark;
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => AddError(line.Data);
        _process.Start();
        Interlocked.Increment(ref s_started);
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>How many were started in all.</summary>
    public static int Started => s_started;

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public string Output => string.Join('\n', Lines);

    /// <summary>Lines that are JSON objects: with -o json, all of them.</summary>
    public IEnumerable<JsonElement> Json => Lines.Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement);

    /// <summary>Decisions of one kind seen so far.</summary>
    public IEnumerable<JsonElement> Events(string kind) => Json
        .Where(line => line.TryGetProperty("event", out _)).Select(line => line.GetProperty("event"))
        .Where(decided => decided.GetProperty("kind").GetString() == kind);

    public void Signal(int signal) => ProcessTable.Signal(new(Pid, "run", -1, 0), signal);

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code; 128 + signal for one that was killed.</returns>
    /// <exception cref="TimeoutException">It does not end.</exception>
    public int Wait(TimeSpan? longest = null)
    {
        var limit = longest ?? RealRun.Longest;
        if (!_process.WaitForExit(limit))
            throw new TimeoutException($"muster {string.Join(' ', _process.StartInfo.ArgumentList)} does not end within {limit.TotalSeconds} s");
        _process.WaitForExit();       // the readers too
        return _process.ExitCode;
    }

    public void Dispose() => _process.Dispose();

    private void Add(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
            _lines.Add(line);
    }

    private void AddError(string? line)
    {
        if (line is null)
            return;
        lock (_errors)
            _errors.AppendLine(line);
    }
}
