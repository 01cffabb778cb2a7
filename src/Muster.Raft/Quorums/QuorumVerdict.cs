namespace Muster.Raft;

/// <summary>How an election stands.</summary>
public enum QuorumVerdict
{
    /// <summary>Votes that are still out decide.</summary>
    Pending,

    /// <summary>A quorum said no: the votes still out cannot change it.</summary>
    Lost,

    /// <summary>A quorum said yes.</summary>
    Won,
}

/// <summary>What each voter has acknowledged.</summary>
public interface IAcknowledgements
{
    /// <summary>The last slot that a voter has acknowledged; 0 when nothing is known of it.</summary>
    LogIndex Of(MemberId voter);
}

/// <summary>What each voter has said.</summary>
public interface IBallots
{
    /// <summary>Yes, no, or nothing yet.</summary>
    bool? Of(MemberId voter);
}
