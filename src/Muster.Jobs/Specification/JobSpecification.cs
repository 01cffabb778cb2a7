using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Jobs.Specification;

/// <summary>What a person asks for: a validated job file with every default filled in.</summary>
public sealed record JobSpecification
{
    /// <summary>The job's name.</summary>
    public required JobId Name { get; init; }

    /// <summary>Program and arguments, the same on every rank; at least one word.</summary>
    public required ImmutableArray<string> Run { get; init; }

    /// <summary>Working directory, absolute.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Added to the ranks' environment. A null value must be supplied at submit and is kept apart.</summary>
    public ImmutableSortedDictionary<string, string?> Environment { get; init; } = ImmutableSortedDictionary<string, string?>.Empty;

    /// <summary>Shape of the world.</summary>
    public GangSpecification Gang { get; init; } = new();

    /// <summary>What each node must offer.</summary>
    public ResourceSpecification Resources { get; init; } = new();

    /// <summary>Coordinated checkpoints; programs that do not take part ignore it.</summary>
    public CheckpointSpecification Checkpoint { get; init; } = new();

    /// <summary>How often failures of user code are tried again.</summary>
    public RestartSpecification Restart { get; init; } = new();

    /// <summary>When a rank counts as hung.</summary>
    public LivenessSpecification Liveness { get; init; } = new();

    /// <summary>How ranks are asked to stop.</summary>
    public StopSpecification Stop { get; init; } = new();

    /// <summary>Time survivors of a failure get before they are killed.</summary>
    public TimeSpan FailureGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time from the first start to completion; null: no bound.</summary>
    public TimeSpan? RuntimeMax { get; init; }

    /// <summary>Python modules that idle spare interpreters keep imported; empty: no warm ranks.</summary>
    public ImmutableArray<string> WarmPythonModules { get; init; } = [];

    /// <summary>What the contents of the ranks' TCPStore survive.</summary>
    public RendezvousStore RendezvousStore { get; init; } = RendezvousStore.Durable;

    /// <summary>How the scheduler weighs the job against others.</summary>
    public ScheduleSpecification Schedule { get; init; } = new();

    /// <summary>Name under which a completed job's result is registered as a model; null: not.</summary>
    public string? RegisterAs { get; init; }

    /// <summary>Alias moved to the registered model; null: none.</summary>
    public string? PromoteTo { get; init; }
}

/// <summary>Shape of a job's world.</summary>
public sealed record GangSpecification
{
    /// <summary>Fewest nodes the job runs on; at least 1.</summary>
    public int NodesMin { get; init; } = 1;

    /// <summary>Most nodes.</summary>
    public int NodesMax { get; init; } = 1;

    /// <summary>Ranks on each node; at least 1.</summary>
    public int ProcessesPerNode { get; init; } = 1;

    /// <summary>Nodes kept ready beside the gang.</summary>
    public int Spares { get; init; }

    /// <summary>How long to wait for more than the minimum.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>What each node must offer.</summary>
public sealed record ResourceSpecification
{
    /// <summary>Alternatives, best first; empty: no accelerator needed.</summary>
    public ImmutableArray<AcceleratorRequest> Accelerators { get; init; } = [];

    /// <summary>Bytes of memory per node; null: not asked for.</summary>
    public long? MemoryBytes { get; init; }
}

/// <summary>Accelerators of one type on each node.</summary>
/// <param name="Type">Such as H100; compared without case.</param>
/// <param name="Count">At least 1.</param>
public sealed record AcceleratorRequest(string Type, int Count);

/// <summary>What happens to a running job's state when it is asked to stop.</summary>
public enum OnStop
{
    /// <summary>All ranks save at one promised step and end after it.</summary>
    Save,

    /// <summary>Ranks are signalled at once.</summary>
    Discard,
}

/// <summary>Coordinated checkpoints.</summary>
public sealed record CheckpointSpecification
{
    /// <summary>Steps between checkpoints; 0: only the last one and those asked for.</summary>
    public long Every { get; init; }

    /// <summary>Committed checkpoints kept, beside pinned ones and the one restored from; at least 1.</summary>
    public int Keep { get; init; } = 3;

    /// <summary>Root for the job's checkpoints, an absolute directory; null: under the data directory.</summary>
    public string? Directory { get; init; }

    /// <summary>What a stop does.</summary>
    public OnStop OnStop { get; init; } = OnStop.Save;

    /// <summary>Written but not yet committed checkpoints at which the loop waits; at least 1.</summary>
    public int UncommittedMax { get; init; } = 2;
}

/// <summary>Restart budget for failures of user code; lost machines and preemption are free.</summary>
public sealed record RestartSpecification
{
    /// <summary>Charged restarts before the job fails.</summary>
    public int Max { get; init; } = 10;

    /// <summary>Pause before the first charged restart; doubles with each.</summary>
    public TimeSpan BackoffMin { get; init; } = TimeSpan.Zero;

    /// <summary>Longest pause.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Time of undisturbed running after which the budget and the pause start again.</summary>
    public TimeSpan ResetAfter { get; init; } = TimeSpan.FromMinutes(30);
}

/// <summary>What an agent does that cannot reach a server.</summary>
public enum OnIsolation
{
    /// <summary>Its ranks go on.</summary>
    Continue,

    /// <summary>Its ranks are stopped after a time.</summary>
    Stop,
}

/// <summary>When a rank counts as hung, and what isolation does.</summary>
public sealed record LivenessSpecification
{
    /// <summary>Longest time from start to joining (or to the first step) for programs that join.</summary>
    public TimeSpan StartAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest time without a step for programs that report steps.</summary>
    public TimeSpan HangAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What an isolated agent does.</summary>
    public OnIsolation Isolated { get; init; } = OnIsolation.Continue;

    /// <summary>When it does so, where it stops its ranks.</summary>
    public TimeSpan IsolatedAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time without an agent after which a keeper ends its ranks.</summary>
    public TimeSpan OrphanAfter { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>How ranks are asked to stop.</summary>
public sealed record StopSpecification
{
    /// <summary>Signal sent first.</summary>
    public int Signal { get; init; } = 15;

    /// <summary>Time from that signal to SIGKILL.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>What the contents of the ranks' TCPStore survive.</summary>
public enum RendezvousStore
{
    /// <summary>They are held by the servers and survive the loss of any training host.</summary>
    Durable,

    /// <summary>They are held by one process and end with it.</summary>
    Memory,
}

/// <summary>How the scheduler weighs a job against others.</summary>
public sealed record ScheduleSpecification
{
    /// <summary>Policy, such as fifo or las.</summary>
    public string Policy { get; init; } = "fifo";

    /// <summary>Share relative to other jobs; above 0.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>Whose share it counts against; null: its own.</summary>
    public string? Entity { get; init; }
}
