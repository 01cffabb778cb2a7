using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Muster.Serving.Tests;

/// <summary>A process of ours, its output gathered while it runs; ended by its id when disposed.</summary>
internal sealed partial class ChildProcess : IDisposable
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private ChildProcess(Process process) => _process = process;

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, string? input = null, string? directory = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = directory ?? Path.GetTempPath(),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MUSTER_", StringComparison.Ordinal) || name.StartsWith("ETCD", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        start.Environment["ETCDCTL_API"] = "3";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.OutputDataReceived += (_, line) => Add(child._output, line.Data);
        child._process.ErrorDataReceived += (_, line) => Add(child._errors, line.Data);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        child._process.StandardInput.Write(input ?? "");
        child._process.StandardInput.Close();
        return child;
    }

    /// <summary>Waits for the end.</summary>
    /// <exception cref="TimeoutException">It does not end.</exception>
    public int Wait(TimeSpan? longest = null)
    {
        if (!_process.WaitForExit(longest ?? Longest))
            throw new TimeoutException($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} does not end; so far: {Output}{Errors}");
        _process.WaitForExit();       // the readers too
        return _process.ExitCode;
    }

    /// <summary>Waits until it has printed something.</summary>
    /// <exception cref="TimeoutException">It does not.</exception>
    public void WaitFor(string text, TimeSpan? longest = null)
    {
        var until = Stopwatch.StartNew();
        while (!Output.Contains(text, StringComparison.Ordinal) && !Errors.Contains(text, StringComparison.Ordinal))
        {
            if (HasExited && _process.WaitForExit(TimeSpan.FromSeconds(1)) && !Output.Contains(text, StringComparison.Ordinal))
                throw new TimeoutException($"it ended before it printed '{text}': {Output}{Errors}");
            if (until.Elapsed > (longest ?? Longest))
                throw new TimeoutException($"it does not print '{text}': {Output}{Errors}");
            Thread.Sleep(5);
        }
    }

    public void Interrupt() => Signal(2);

    public void Kill() => Signal(9);

    public void Signal(int signal)
    {
        if (!HasExited)
            _ = SendSignal(Pid, signal);
    }

    public void Dispose()
    {
        Kill();
        _process.WaitForExit(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);

    private static void Add(StringBuilder to, string? line)
    {
        if (line is null)
            return;
        lock (to)
            to.Append(line).Append('\n');
    }
}
