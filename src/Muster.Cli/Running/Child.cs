using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Cli.Running;

/// <summary>A process of the run's own tree that is started again whenever it ends.</summary>
/// <remarks>Restart is all it knows: server and agent recover by themselves from what they find on disk.</remarks>
internal sealed class Child(string role, IProcesses processes, ProcessStart start, Inbox<RunInput> inbox) : IProcessEvents
{
    /// <summary>Ends within this time of its start count as failing to start.</summary>
    private static readonly TimeSpan s_quick = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_pauseMax = TimeSpan.FromSeconds(2);

    private ProcessId? _process;
    private Instant _startedAt;
    private Instant? _startAgainAt;

    /// <summary>Times in a row that it ended soon after its start.</summary>
    public int QuickEnds { get; private set; }

    /// <summary>server or agent.</summary>
    public string Role { get; } = role;

    public ProcessId? Process => _process;

    public void Start(Instant now)
    {
        _startAgainAt = null;
        _startedAt = now;
        _process = processes.Start(start, this);
    }

    /// <summary>Takes note of an end and plans the next start.</summary>
    public void Ended(Instant now)
    {
        _process = null;
        QuickEnds = now - _startedAt < s_quick ? QuickEnds + 1 : 0;
        var pause = TimeSpan.FromMilliseconds(QuickEnds == 0 ? 0 : 50 * Math.Pow(2, QuickEnds));
        _startAgainAt = now + (pause < s_pauseMax ? pause : s_pauseMax);
    }

    /// <summary>Starts again when it is time.</summary>
    public void Tick(Instant now)
    {
        if (_startAgainAt <= now)
            Start(now);
    }

    /// <summary>Ends it for good: crashing is how our processes stop.</summary>
    public void Kill()
    {
        _startAgainAt = null;
        if (_process is { } process)
            processes.Signal(process, 9);
    }

    void IProcessEvents.Output(ProcessId process, ReadOnlyMemory<byte> bytes)
    {
    }

    void IProcessEvents.Exited(ProcessId process, ExitStatus status) => inbox.Post(new RunInput.ChildEnded(this, status));
}

/// <summary>What the run's loop hears.</summary>
internal abstract record RunInput
{
    private RunInput()
    {
    }

    /// <summary>The server or the agent ended.</summary>
    public sealed record ChildEnded(Child Child, ExitStatus Status) : RunInput;

    /// <summary>The person pressed Ctrl-C, or somebody sent SIGTERM.</summary>
    public sealed record Interrupted : RunInput;

    /// <summary>Time passed.</summary>
    public sealed record Tick(Instant Now) : RunInput;

    /// <summary>The server answered the submission.</summary>
    public sealed record Submitted(Muster.Codecs.Control.SubmitReply Reply) : RunInput;

    /// <summary>The job's state as the server sees it.</summary>
    public sealed record Viewed(Muster.Codecs.Control.JobReport Report) : RunInput;

    /// <summary>The server cannot be spoken to, and starting it again would not help.</summary>
    public sealed record Failed(Exception Failure) : RunInput;
}
