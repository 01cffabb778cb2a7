using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Agents;

/// <summary>What an agent knows about itself from its start on.</summary>
public sealed record AgentIdentity
{
    /// <summary>The host.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Chosen at random at each start.</summary>
    public required ulong Incarnation { get; init; }

    /// <summary>Address at which other hosts reach this one.</summary>
    public required string Address { get; init; }

    /// <summary>What the host offers.</summary>
    public required NodeResources Resources { get; init; }

    /// <summary>Addresses of servers, tried in turn; at least one.</summary>
    public required System.Collections.Immutable.ImmutableArray<string> Servers { get; init; }
}

/// <summary>Limits of an agent.</summary>
public sealed record AgentLimits
{
    /// <summary>The defaults.</summary>
    public static AgentLimits Default { get; } = new();

    /// <summary>Longest time between snapshots, and between words to each keeper; default 1 s.</summary>
    public TimeSpan TellEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause before a server or keeper is called again; doubles up to <see cref="ReconnectMax"/>; default 20 ms.</summary>
    public TimeSpan ReconnectMin { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest such pause; default 1 s.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Silence of a server after which another is called; default 5 s.</summary>
    public TimeSpan ServerSilence { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Between looks at the process table while strays are being ended; default 20 ms.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Time a started keeper has until it says who it is; default 30 s. A slower one is killed and counts as lost.</summary>
    public TimeSpan KeeperStart { get; init; } = TimeSpan.FromSeconds(30);
}
