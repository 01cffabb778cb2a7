namespace Muster.Worker.Collectives;

/// <summary>Why a collective call, or the meeting before it, ended without a result.</summary>
public enum CollectiveFailure
{
    /// <summary>The rank's process ended, or its host stopped answering: its connection closed.</summary>
    PeerDied = 1,

    /// <summary>The rank is connected and did not do its part within the time limit.</summary>
    PeerSlow = 2,

    /// <summary>The rank disposed its group before this call was complete.</summary>
    PeerLeft = 3,

    /// <summary>The rank belongs to an older generation than the one it spoke to.</summary>
    StaleGeneration = 4,

    /// <summary>The rank disagrees about the call (which one, element type, size, operation, root) or about the group.</summary>
    Mismatch = 5,

    /// <summary>The transport that was asked for cannot be had between these ranks.</summary>
    TransportUnavailable = 6,
}

/// <summary>A collective call or the meeting failed. The group is of no further use: every later call fails the same way.</summary>
/// <remarks>The remedy is a new generation: dispose the group, and let the launcher start (or tell) the ranks anew.</remarks>
public sealed class CollectiveException : Exception
{
    /// <summary>The rank that is blamed; for <see cref="CollectiveFailure.StaleGeneration"/>, the rank that is out of date.</summary>
    public int Rank { get; }

    /// <summary>What that rank did.</summary>
    public CollectiveFailure Reason { get; }

    /// <summary>A failure without a story. Blames rank 0.</summary>
    public CollectiveException() : this(CollectiveFailure.PeerDied, 0, "a collective call failed") { }

    /// <summary>A failure with a story. Blames rank 0.</summary>
    public CollectiveException(string message) : this(CollectiveFailure.PeerDied, 0, message) { }

    /// <summary>A failure with a story and a cause. Blames rank 0.</summary>
    public CollectiveException(string message, Exception innerException) : base(message, innerException) =>
        Reason = CollectiveFailure.PeerDied;

    /// <summary>A failure that is blamed on a rank.</summary>
    public CollectiveException(CollectiveFailure reason, int rank, string message) : base(message)
    {
        Reason = reason;
        Rank = rank;
    }
}
