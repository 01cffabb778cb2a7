using System.Diagnostics;
using System.Text;

namespace Muster.Samples.Charlm.Running;

/// <summary>What one rank does, a line at a time: <c>GENERATION PHASE STEP</c>. For tests that interfere at a chosen moment.</summary>
/// <remarks>One write per line, appended: a line that a killed process wrote is there, whole.</remarks>
internal sealed class Trace : IDisposable
{
    /// <summary>Whoever is not let go on by then goes on: the test is gone.</summary>
    private static readonly TimeSpan s_holdMax = TimeSpan.FromSeconds(40);

    private readonly FileStream? _file;
    private readonly TrainingOptions _options;
    private readonly string _generation = Environment.GetEnvironmentVariable("MUSTER_GENERATION") ?? "0";
    private readonly string _rank = Environment.GetEnvironmentVariable("RANK") ?? "0";

    public Trace(TrainingOptions options)
    {
        _options = options;
        if (options.TraceDirectory is not { } directory)
            return;
        Directory.CreateDirectory(directory);
        _file = new FileStream(Path.Combine(directory, $"rank-{_rank}"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <summary>Notes a phase, and waits there if a test wants it.</summary>
    public void Note(string phase, long step)
    {
        if (_file is null)
            return;
        _file.Write(Encoding.ASCII.GetBytes($"{_generation} {phase} {step}\n"));
        if (!_options.Holds.Contains(phase) && !_options.Holds.Contains($"{phase}@{step}"))
            return;
        var go = Path.Combine(_options.TraceDirectory!, $"go-{phase}");
        for (var held = Stopwatch.StartNew(); held.Elapsed < s_holdMax && !File.Exists(go) && !File.Exists($"{go}-{_rank}");)
            Thread.Sleep(2);
    }

    public void Dispose() => _file?.Dispose();
}
