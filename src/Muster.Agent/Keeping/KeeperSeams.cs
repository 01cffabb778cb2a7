using Muster.Agent.Output;
using Muster.Agent.Workers;
using Muster.Runtime;

namespace Muster.Agent.Keeping;

/// <summary>All through which a keeper's loop touches the world.</summary>
public sealed record KeeperSeams
{
    /// <summary>The host's files: its root is the host's root.</summary>
    public required IVolume Disk { get; init; }

    /// <summary>Links to agents.</summary>
    public required ITransport Transport { get; init; }

    /// <summary>Processes of the host.</summary>
    public required IProcesses Processes { get; init; }

    /// <summary>Training programs.</summary>
    public required IWorkerPort Workers { get; init; }

    /// <summary>What processes write.</summary>
    public required IRankOutput Output { get; init; }

    /// <summary>Work on checkpoint files.</summary>
    public required IShardWork Shards { get; init; }

    /// <summary>Time.</summary>
    public required MonotonicClock Clock { get; init; }
}
