using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Agents;

/// <summary>What an agent tells a server.</summary>
public abstract record AgentMessage
{
    private AgentMessage() { }

    /// <summary>First on each link.</summary>
    /// <param name="Version">Of this protocol.</param>
    /// <param name="Node">The host.</param>
    /// <param name="Incarnation">Chosen at random at each start of the agent.</param>
    public sealed record Hello(int Version, NodeId Node, ulong Incarnation) : AgentMessage;

    /// <summary>All that the agent knows; sent again at each change and each second.</summary>
    public sealed record Snapshot(NodeSnapshot Node) : AgentMessage;
}

/// <summary>What a server tells an agent.</summary>
public abstract record ServerMessage
{
    private ServerMessage() { }

    /// <summary>Answers <see cref="AgentMessage.Hello"/>: this server leads.</summary>
    /// <param name="Version">Of this protocol.</param>
    public sealed record Welcome(int Version) : ServerMessage;

    /// <summary>This server does not lead, or does not take the agent; the link closes.</summary>
    /// <param name="Why">For people.</param>
    /// <param name="Leader">Address for agents of the server that leads; null: unknown.</param>
    public sealed record Refused(string Why, string? Leader) : ServerMessage;

    /// <summary>All that the node is to do; sent again at each change and each second.</summary>
    public sealed record Assigned(NodeAssignments Assignments) : ServerMessage;
}

/// <summary>Version of the protocol between agent and server.</summary>
public static class AgentProtocol
{
    /// <summary>The version that this code speaks.</summary>
    public const int Version = 1;
}
