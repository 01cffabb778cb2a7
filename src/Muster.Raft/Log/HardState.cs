namespace Muster.Raft;

/// <summary>What a member must find again after a crash.</summary>
/// <param name="Term">The latest term it has seen.</param>
/// <param name="Vote">Whom it voted for in that term.</param>
/// <param name="Committed">How far it knows the log to be decided. May be lost without harm, and then is learnt again.</param>
public readonly record struct HardState(Term Term, MemberId Vote, LogIndex Committed);

/// <summary>What a member does in its term.</summary>
public enum Role
{
    /// <summary>Stores what the leader sends.</summary>
    Follower,

    /// <summary>Asks whether it would be elected, without disturbing anyone's term.</summary>
    PreCandidate,

    /// <summary>Asks for votes.</summary>
    Candidate,

    /// <summary>Decides the order of entries.</summary>
    Leader,
}

/// <summary>What a member believes at the moment; forgotten in a crash.</summary>
/// <param name="Leader">The leader it knows of.</param>
/// <param name="Role">What it does.</param>
public readonly record struct SoftState(MemberId Leader, Role Role);
