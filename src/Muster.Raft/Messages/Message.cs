using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Raft;

/// <summary>What members say to each other. May be lost, repeated, delayed and reordered.</summary>
public abstract record Message
{
    private Message(MemberId from, MemberId to, Term term) => (From, To, Term) = (from, to, term);

    /// <summary>Who says it.</summary>
    public MemberId From { get; }

    /// <summary>To whom.</summary>
    public MemberId To { get; }

    /// <summary>The sender's term; 0 for what a member passes on to the leader.</summary>
    public Term Term { get; }

    /// <summary>Asks for a vote, or (<paramref name="IsPreVote"/>) whether there would be one.</summary>
    /// <param name="From">The candidate.</param>
    /// <param name="To">The voter.</param>
    /// <param name="Term">The term to be elected for.</param>
    /// <param name="Last">The end of the candidate's log.</param>
    /// <param name="IsPreVote">No term changes hands yet.</param>
    /// <param name="IsTransfer">The leader itself asked for this election, so nobody protects it.</param>
    public sealed record VoteRequest(MemberId From, MemberId To, Term Term, LogPosition Last, bool IsPreVote, bool IsTransfer)
        : Message(From, To, Term);

    /// <summary>Answers <see cref="VoteRequest"/>.</summary>
    /// <param name="From">The voter.</param>
    /// <param name="To">The candidate.</param>
    /// <param name="Term">The term asked for when granted, the voter's own when refused.</param>
    /// <param name="IsPreVote">What was asked.</param>
    /// <param name="Granted">Whether the candidate has the vote.</param>
    /// <param name="Committed">
    /// How far the voter knows the log to be decided. A candidate that holds that entry learns from it: it may ask by an older
    /// membership than the one in force, members of which refuse it for ever and do not stand themselves any more.
    /// </param>
    public sealed record VoteResponse(MemberId From, MemberId To, Term Term, bool IsPreVote, bool Granted, LogPosition Committed)
        : Message(From, To, Term);

    /// <summary>Entries, and how far the log is decided.</summary>
    /// <param name="From">The leader.</param>
    /// <param name="To">A follower.</param>
    /// <param name="Term">The leader's term.</param>
    /// <param name="Previous">The entry before them, which the follower must hold.</param>
    /// <param name="Entries">The entries; none to carry only the rest.</param>
    /// <param name="Committed">How far the log is decided.</param>
    public sealed record Append(
        MemberId From, MemberId To, Term Term, LogPosition Previous, ImmutableArray<LogEntry> Entries, LogIndex Committed)
        : Message(From, To, Term);

    /// <summary>Answers <see cref="Append"/> and <see cref="InstallSnapshot"/>.</summary>
    /// <param name="From">The follower.</param>
    /// <param name="To">The leader.</param>
    /// <param name="Term">The follower's term.</param>
    /// <param name="Index">Durable up to here; when refused, the slot whose entry is missing.</param>
    /// <param name="Refused">The entry before those sent is missing.</param>
    /// <param name="Hint">Where the logs may agree; of a refusal.</param>
    public sealed record AppendResponse(MemberId From, MemberId To, Term Term, LogIndex Index, bool Refused, LogPosition Hint)
        : Message(From, To, Term);

    /// <summary>Says that the leader leads, and how far the log is decided.</summary>
    /// <param name="From">The leader.</param>
    /// <param name="To">A follower.</param>
    /// <param name="Term">The leader's term.</param>
    /// <param name="Committed">How far the log is decided, at most as far as the follower's is known to agree.</param>
    /// <param name="Round">Numbers the leader's rounds of heartbeats in this term.</param>
    /// <param name="SentAt">The leader's clock; only sent back, never compared with another's.</param>
    public sealed record Heartbeat(MemberId From, MemberId To, Term Term, LogIndex Committed, long Round, Instant SentAt)
        : Message(From, To, Term);

    /// <summary>Answers <see cref="Heartbeat"/>, returning its round and instant.</summary>
    public sealed record HeartbeatResponse(MemberId From, MemberId To, Term Term, long Round, Instant SentAt) : Message(From, To, Term);

    /// <summary>A snapshot for a follower whose next entry was compacted.</summary>
    public sealed record InstallSnapshot(MemberId From, MemberId To, Term Term, Snapshot Snapshot) : Message(From, To, Term);

    /// <summary>The leader asks a follower to take over at once.</summary>
    public sealed record TimeoutNow(MemberId From, MemberId To, Term Term) : Message(From, To, Term);

    /// <summary>A follower passes a wish for a new leader on.</summary>
    public sealed record TransferRequest(MemberId From, MemberId To, MemberId Target) : Message(From, To, Term.None);

    /// <summary>A follower passes proposals on.</summary>
    public sealed record Forward(MemberId From, MemberId To, ImmutableArray<Proposal> Proposals) : Message(From, To, Term.None);

    /// <summary>A follower asks for a slot at which a linearizable read may be answered.</summary>
    public sealed record ReadRequest(MemberId From, MemberId To, ulong Context) : Message(From, To, Term.None);

    /// <summary>Answers <see cref="ReadRequest"/>.</summary>
    public sealed record ReadResponse(MemberId From, MemberId To, Term Term, ulong Context, LogIndex Index) : Message(From, To, Term);
}

/// <summary>What is proposed for one entry: bytes for the state machine, or a change of membership.</summary>
public readonly record struct Proposal(ReadOnlyMemory<byte> Data, ConfigurationChange? Change = null)
{
    /// <summary>What limits count it with, in bytes.</summary>
    public long SizeBytes => LogEntry.OverheadBytes + Data.Length + (Change?.SizeBytes ?? 0);
}
