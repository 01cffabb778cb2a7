using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Raft;

/// <summary>Everything that can happen to a member.</summary>
public abstract record Input
{
    private Input()
    {
    }

    /// <summary>A period has passed. Missed ticks are not made up for.</summary>
    /// <param name="Now">This process's clock.</param>
    /// <param name="ElectionTimeoutTicks">
    /// A fresh draw from [ElectionTicks, 2 · ElectionTicks); taken when the member has started a timeout since the last tick.
    /// </param>
    public sealed record Tick(Instant Now, int ElectionTimeoutTicks) : Input;

    /// <summary>A member has said something.</summary>
    public sealed record Receive(Message Message) : Input;

    /// <summary>Something is to be decided.</summary>
    public sealed record Propose(ImmutableArray<Proposal> Proposals) : Input;

    /// <summary>A slot is wanted at which a linearizable read may be answered: see <see cref="Ready.Reads"/>.</summary>
    /// <param name="Context">The caller's number for it, not used by another read of this member under way.</param>
    /// <param name="Now">This process's clock.</param>
    public sealed record Read(ulong Context, Instant Now) : Input;

    /// <summary>Stand for election now.</summary>
    public sealed record Campaign : Input;

    /// <summary>The leader shall hand over to another voter, once that one has all entries.</summary>
    public sealed record TransferLeadership(MemberId To) : Input;

    /// <summary>The link to a member was closed by its host: its process is gone, or restarts.</summary>
    /// <param name="Member">That member.</param>
    /// <param name="StandAfterTicks">When it led, stand after so many ticks; a draw, so that not all stand at once. 0: now.</param>
    public sealed record LinkClosed(MemberId Member, int StandAfterTicks) : Input;

    /// <summary>Stop protecting the leader, so that another may be elected.</summary>
    public sealed record ForgetLeader : Input;

    /// <summary>A message could not be sent: probe before sending more.</summary>
    public sealed record Unreachable(MemberId Member) : Input;

    /// <summary>A snapshot has been sent, or has failed to be.</summary>
    public sealed record SnapshotSent(MemberId Member, bool Arrived) : Input;

    /// <summary>What a <see cref="Ready"/> handed out for storing is durable, and all before it.</summary>
    public sealed record Persisted(StorageTicket Ticket) : Input;

    /// <summary>Decided entries up to a slot have been applied; changes of membership among them come into force now.</summary>
    public sealed record Applied(LogIndex Index) : Input;

    /// <summary>A snapshot exists that may be sent to members that lag.</summary>
    public sealed record SnapshotTaken(Snapshot Snapshot) : Input;

    /// <summary>Entries up to a slot are not needed any more; at most up to the last snapshot taken.</summary>
    public sealed record Compact(LogIndex UpTo) : Input;
}

/// <summary>What became of an input.</summary>
public abstract record StepOutcome
{
    private StepOutcome()
    {
    }

    /// <summary>Taken in.</summary>
    public sealed record Taken : StepOutcome;

    /// <summary>Proposals stand in this leader's log; whether they are decided shows later.</summary>
    /// <param name="First">The first of them.</param>
    /// <param name="Last">The last of them.</param>
    /// <param name="RefusedChange">Why a change of membership among them stands there as an empty entry instead; nothing when none does.</param>
    public sealed record Appended(LogPosition First, LogPosition Last, DropReason? RefusedChange) : StepOutcome;

    /// <summary>Passed on to the leader, which may drop it without a word.</summary>
    public sealed record Forwarded(MemberId Leader) : StepOutcome;

    /// <summary>Nothing was done.</summary>
    public sealed record Dropped(DropReason Reason) : StepOutcome;

    internal static StepOutcome Done { get; } = new Taken();

    internal static StepOutcome Drop(DropReason reason) => new Dropped(reason);
}

/// <summary>Why an input had no effect.</summary>
public enum DropReason
{
    /// <summary>No leader is known.</summary>
    NoLeader,

    /// <summary>This member does not lead, and may not pass it on.</summary>
    NotLeader,

    /// <summary>The leader is handing over.</summary>
    TransferUnderWay,

    /// <summary>The leader has been removed from the cluster.</summary>
    Removed,

    /// <summary>A proposal is above <see cref="RaftLimits.EntryBytesMax"/>.</summary>
    TooLarge,

    /// <summary>More than <see cref="RaftLimits.UndecidedBytesMax"/> waits to be decided.</summary>
    TooMuchUndecided,

    /// <summary>More than <see cref="RaftLimits.PendingReadsMax"/> reads wait.</summary>
    TooManyReads,

    /// <summary>A change of membership is under way: wait until it is applied.</summary>
    ChangeUnderWay,

    /// <summary>The change of membership cannot be made from the present one.</summary>
    ChangeNotPossible,

    /// <summary>A learner that is to vote lacks too much of the log.</summary>
    LearnerBehind,

    /// <summary>A response from someone who is no member.</summary>
    UnknownMember,

    /// <summary>Said in an earlier term.</summary>
    Stale,

    /// <summary>This member may not stand: it does not vote, or has decided changes of membership to apply first.</summary>
    MayNotStand,

    /// <summary>It would break a promise to the leader that reads depend on.</summary>
    LeaseInForce,

    /// <summary>It does not apply to what the member does now.</summary>
    NotApplicable,
}
