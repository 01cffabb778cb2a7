using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Jobs.Agents;

/// <summary>What an agent has on disk, whole: in it before anything is started.</summary>
public sealed record AgentJournal
{
    /// <summary>Tells this agent's processes from those of another agent on the host; chosen at random once.</summary>
    public required string Agent { get; init; }

    /// <summary>Greatest token of a coordinator seen; null: none yet.</summary>
    public FencingToken? Leader { get; init; }

    /// <summary>The jobs it holds, by job.</summary>
    public ImmutableArray<JournaledJob> Jobs { get; init; } = [];
}

/// <summary>One job in an agent's journal.</summary>
public sealed record JournaledJob
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>Newest generation the agent was told to start.</summary>
    public required Generation Generation { get; init; }

    /// <summary>Whether its keeper ended without being asked, in this generation.</summary>
    public bool KeeperLost { get; init; }

    /// <summary>Whether the job is to be forgotten.</summary>
    public bool Releasing { get; init; }
}
