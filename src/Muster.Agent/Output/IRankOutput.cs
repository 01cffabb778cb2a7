namespace Muster.Agent.Output;

/// <summary>Where what processes write is kept, for people: not synced, bounded.</summary>
public interface IRankOutput
{
    /// <summary>Appends to a log; called from any thread. It may make the caller, and so the process that writes, wait.</summary>
    /// <param name="log">A name such as <c>rank-0</c>.</param>
    /// <param name="bytes">As they were written.</param>
    void Append(string log, ReadOnlySpan<byte> bytes);

    /// <summary>The last line with anything visible in it since <see cref="Begin"/>; null when there is none.</summary>
    string? LastLine(string log);

    /// <summary>A new process begins to write to a log.</summary>
    void Begin(string log);
}
