using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>What a keeper tells its agent.</summary>
public abstract record KeeperMessage
{
    private KeeperMessage() { }

    /// <summary>First on each link.</summary>
    /// <param name="Version">Of this protocol.</param>
    /// <param name="Job">The job it keeps.</param>
    /// <param name="Process">Itself.</param>
    public sealed record Hello(int Version, JobId Job, HostProcess Process) : KeeperMessage;

    /// <summary>All it knows; sent again at each change and each second.</summary>
    public sealed record Facts(JobFacts Job) : KeeperMessage;
}

/// <summary>What an agent tells a keeper; both are sent again each second, and so say that the agent lives.</summary>
public abstract record KeeperOrder
{
    private KeeperOrder() { }

    /// <summary>What is wished for the job.</summary>
    /// <param name="Leader">On whose behalf; a smaller token than one seen is refused.</param>
    /// <param name="Assignment">All of it.</param>
    public sealed record Want(FencingToken Leader, JobAssignment Assignment) : KeeperOrder;

    /// <summary>The agent lives and has no newer wish: it has not heard from a server since it started.</summary>
    public sealed record Stay : KeeperOrder;

    /// <summary>End whatever runs, then end.</summary>
    /// <param name="Leader">On whose behalf.</param>
    public sealed record Release(FencingToken Leader) : KeeperOrder;
}

/// <summary>Version of the protocol between agent and keeper.</summary>
public static class KeeperProtocol
{
    /// <summary>The version that this code speaks.</summary>
    public const int Version = 1;
}
