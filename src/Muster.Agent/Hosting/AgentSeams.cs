using System.Collections.Immutable;
using Muster.Runtime;

namespace Muster.Agent.Hosting;

/// <summary>All through which an agent's loop touches the world.</summary>
public sealed record AgentSeams
{
    /// <summary>The host's files: its root is the host's root.</summary>
    public required IVolume Disk { get; init; }

    /// <summary>Links to servers and keepers.</summary>
    public required ITransport Transport { get; init; }

    /// <summary>Processes of the host.</summary>
    public required IProcesses Processes { get; init; }

    /// <summary>Time.</summary>
    public required MonotonicClock Clock { get; init; }

    /// <summary>The agent's directory, absolute: journal, keepers.</summary>
    public required string Directory { get; init; }

    /// <summary>What starts a keeper; <see cref="Keeping.KeeperArguments"/> are appended.</summary>
    public required ImmutableArray<string> KeeperCommand { get; init; }

    /// <summary>The environment that keepers inherit.</summary>
    public required ImmutableSortedDictionary<string, string> Environment { get; init; }

    /// <summary>Receives lines for people.</summary>
    public required Action<string> Note { get; init; }
}
