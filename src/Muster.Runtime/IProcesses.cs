using System.Collections.Immutable;

namespace Muster.Runtime;

/// <summary>A process of this host: its id alone may be used again, its start time tells.</summary>
/// <param name="Pid">The kernel's number.</param>
/// <param name="StartTicks">Start time since boot in clock ticks, field 22 of /proc/PID/stat.</param>
public readonly record struct ProcessId(int Pid, long StartTicks)
{
    /// <inheritdoc/>
    public override string ToString() => $"pid {Pid}";
}

/// <summary>How a process ended.</summary>
/// <param name="Code">Exit code, or 0 when a signal ended it.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
public readonly record struct ExitStatus(int Code, int Signal)
{
    /// <summary>Whether the process exited with code 0.</summary>
    public bool IsSuccess => Code == 0 && Signal == 0;

    /// <inheritdoc/>
    public override string ToString() => Signal != 0 ? $"signal {Signal}" : $"exit code {Code}";
}

/// <summary>What to start.</summary>
public sealed record ProcessStart
{
    /// <summary>Program, looked up in PATH when it has no slash, and its arguments.</summary>
    public required ImmutableArray<string> Command { get; init; }

    /// <summary>Working directory, absolute.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The whole environment.</summary>
    public required ImmutableSortedDictionary<string, string> Environment { get; init; }

    /// <summary>Whether it leads a session of its own and outlives its parent; otherwise it leads a process group and is
    /// killed by the kernel when its parent ends.</summary>
    public bool Detached { get; init; }

    /// <summary>File that receives standard output and standard error; null: they come as <see cref="IProcessEvents.Output"/>.</summary>
    public string? OutputFile { get; init; }

    /// <summary>Whether a pipe to its standard input is kept for <see cref="IProcesses.WriteInput"/>; otherwise /dev/null.</summary>
    public bool KeepInput { get; init; }
}

/// <summary>A running process found by what its environment says.</summary>
/// <param name="Id">The process.</param>
/// <param name="Parent">Its parent's pid.</param>
/// <param name="Group">Its process group.</param>
/// <param name="Tags">Its environment variables that begin with <c>MUSTER_</c>.</param>
public sealed record TaggedProcess(ProcessId Id, int Parent, int Group, ImmutableSortedDictionary<string, string> Tags);

/// <summary>Starting, signalling and ending processes: the seam between shells and the kernel's process table.</summary>
public interface IProcesses
{
    /// <summary>Starts a process.</summary>
    /// <param name="start">What.</param>
    /// <param name="events">Where its output and exit go; called from any thread, it only posts to inboxes.</param>
    /// <exception cref="ProcessStartException">The program is missing or not executable, or the system has no room.</exception>
    ProcessId Start(ProcessStart start, IProcessEvents events);

    /// <summary>Signals a process group; nothing when it is gone.</summary>
    void SignalGroup(ProcessId leader, int signal);

    /// <summary>Signals one process, if it still is the one that was meant.</summary>
    void Signal(ProcessId process, int signal);

    /// <summary>Whether any process of the group led by this one is alive.</summary>
    bool IsGroupAlive(ProcessId leader);

    /// <summary>Whether this process is alive (a zombie is not).</summary>
    bool IsAlive(ProcessId process);

    /// <summary>Writes to a kept standard input and closes it if asked; false when the process is gone.</summary>
    bool WriteInput(ProcessId process, ReadOnlyMemory<byte> bytes, bool close);

    /// <summary>All processes whose environment has a variable that begins with <c>MUSTER_</c>, by pid.</summary>
    IReadOnlyList<TaggedProcess> ListTagged();
}

/// <summary>What a started process tells.</summary>
public interface IProcessEvents
{
    /// <summary>Bytes it wrote to standard output or standard error.</summary>
    void Output(ProcessId process, ReadOnlyMemory<byte> bytes);

    /// <summary>It ended; comes once, after all its output that could be read.</summary>
    void Exited(ProcessId process, ExitStatus status);
}

/// <summary>A process could not be started.</summary>
public sealed class ProcessStartException(string program, string detail) : IOException($"cannot start '{program}': {detail}")
{
    /// <summary>The program.</summary>
    public string Program { get; } = program;
}
