namespace Muster.Samples.Charlm.Running;

/// <summary>What one rank does, a line at a time: <c>GENERATION PHASE STEP</c>. For tests that interfere at a chosen moment.</summary>
/// <remarks>One write per line, appended: a line that a killed process wrote is there, whole.</remarks>
internal sealed class Trace : IDisposable
{
    private readonly FileStream? _file;
    private readonly string _generation = Environment.GetEnvironmentVariable("MUSTER_GENERATION") ?? "0";

    public Trace(string? directory)
    {
        if (directory is null)
            return;
        Directory.CreateDirectory(directory);
        var rank = Environment.GetEnvironmentVariable("RANK") ?? "0";
        _file = new FileStream(Path.Combine(directory, $"rank-{rank}"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <summary>Notes a phase, then pauses in it.</summary>
    public void Note(string phase, long step, TimeSpan pause = default)
    {
        _file?.Write(System.Text.Encoding.ASCII.GetBytes($"{_generation} {phase} {step}\n"));
        if (pause > TimeSpan.Zero)
            Thread.Sleep(pause);
    }

    public void Dispose() => _file?.Dispose();
}
