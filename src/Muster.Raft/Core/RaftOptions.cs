using Muster.Primitives;

namespace Muster.Raft;

/// <summary>How linearizable reads are answered.</summary>
public enum ReadMode
{
    /// <summary>A round of heartbeats for each batch of reads. Depends on no clock.</summary>
    Quorum,

    /// <summary>
    /// At once while the leader holds a lease of its quorum's promises; by a round otherwise. Depends on clocks that run at
    /// nearly the same rate: see <see cref="RaftOptions.Lease"/>.
    /// </summary>
    Lease,
}

/// <summary>What a leader does that is removed or demoted.</summary>
public enum LeaderRemoval
{
    /// <summary>
    /// Leads on, taking no proposals, until the voter with the most of its log has taken over: nobody else may know yet that the
    /// change is decided, and the voters that remain may not be elected without that.
    /// </summary>
    HandOver,

    /// <summary>Steps down at once.</summary>
    StepDown,

    /// <summary>Leads on, taking no proposals, until another stands.</summary>
    GoOn,
}

/// <summary>How the shell carries out what it is handed.</summary>
public enum StorageMode
{
    /// <summary>The shell stores what it is handed before anything else happens, so decided entries may be applied in the same step.</summary>
    Synchronous,

    /// <summary>Storing and applying run beside the core: only entries that are durable here are handed to the state machine.</summary>
    Pipelined,
}

/// <summary>How one member behaves. The same on all members, but for its id.</summary>
public sealed record RaftOptions
{
    /// <summary>This member.</summary>
    public required MemberId Id { get; init; }

    /// <summary>Ticks without a leader after which a member may stand; also how long followers keep a leader that they hear.</summary>
    public int ElectionTicks { get; init; } = 10;

    /// <summary>Ticks between a leader's heartbeats.</summary>
    public int HeartbeatTicks { get; init; } = 1;

    /// <summary>Ask whether there would be a majority before disturbing the term (Ongaro's thesis, §9.6).</summary>
    public bool PreVote { get; init; } = true;

    /// <summary>A leader that hears no quorum for an election timeout steps down; followers that hear a leader refuse to vote.</summary>
    public bool CheckQuorum { get; init; } = true;

    /// <summary>How linearizable reads are answered.</summary>
    public ReadMode Reads { get; init; } = ReadMode.Quorum;

    /// <summary>How long a quorum's answer to a heartbeat keeps anyone else from being elected, counted from when it was sent.</summary>
    /// <remarks>
    /// The clock assumption of lease reads: while the leader's clock passes this, no follower's passes
    /// <see cref="ElectionTicks"/> − 1 of its ticks. With clocks that drift apart by at most the ratio d and a tick of t,
    /// choose at most (ElectionTicks − 2) · t · (1 − d). Clocks must run on while a process is stopped.
    /// </remarks>
    public TimeSpan Lease { get; init; }

    /// <summary>How the shell carries out what it is handed.</summary>
    public StorageMode Storage { get; init; } = StorageMode.Pipelined;

    /// <summary>What a leader does that is removed or demoted.</summary>
    public LeaderRemoval OnRemoval { get; init; } = LeaderRemoval.HandOver;

    /// <summary>Followers pass proposals on to the leader.</summary>
    public bool ForwardProposals { get; init; } = true;

    /// <summary>The leader refuses changes of membership that cannot follow from the present one. Off only for tests.</summary>
    public bool ValidateChanges { get; init; } = true;

    /// <summary>A learner may be made a voter only when its log lacks at most this many entries; nothing: always.</summary>
    public int? PromotionLagMax { get; init; } = 1000;

    /// <summary>What must not grow without bound.</summary>
    public RaftLimits Limits { get; init; } = new();

    /// <summary>Checks that the options fit together.</summary>
    /// <exception cref="ArgumentException">They do not; says which.</exception>
    public void Validate()
    {
        if (!Id.IsSome)
            throw new ArgumentException("Id must name a member: it is 0.");
        if (HeartbeatTicks < 1 || ElectionTicks <= HeartbeatTicks)
            throw new ArgumentException($"ElectionTicks ({ElectionTicks}) must be above HeartbeatTicks ({HeartbeatTicks}), which must be positive.");
        if (Reads == ReadMode.Lease && !CheckQuorum)
            throw new ArgumentException("Reads by lease need CheckQuorum: without it followers elect another leader while the lease runs.");
        Limits.Validate();
    }
}

/// <summary>What must not grow without bound. What is refused is refused before anything changes.</summary>
public sealed record RaftLimits
{
    /// <summary>Bytes of entries in one append; a larger entry travels alone. Default 1 MiB.</summary>
    public long AppendBytesMax { get; init; } = 1 << 20;

    /// <summary>Appends on their way to one follower. Default 256; then only one at a time, to see whether it answers.</summary>
    public int InflightMessagesMax { get; init; } = 256;

    /// <summary>Bytes of entries on their way to one follower. Default 64 MiB.</summary>
    public long InflightBytesMax { get; init; } = 64 << 20;

    /// <summary>Bytes of one proposal. Default 2 MiB; more is refused (<see cref="DropReason.TooLarge"/>).</summary>
    public long EntryBytesMax { get; init; } = 2 << 20;

    /// <summary>Bytes proposed and not yet decided. Default 64 MiB; more is refused (<see cref="DropReason.TooMuchUndecided"/>), one proposal excepted.</summary>
    public long UndecidedBytesMax { get; init; } = 64 << 20;

    /// <summary>Bytes of decided entries handed out at once; one entry at least. Default 4 MiB.</summary>
    public long AppliedBytesPerReadyMax { get; init; } = 4 << 20;

    /// <summary>Reads that wait for their round. Default 65,536; more are refused (<see cref="DropReason.TooManyReads"/>).</summary>
    public int PendingReadsMax { get; init; } = 65_536;

    /// <summary>Members of a cluster, learners included. Default 64; a change beyond is refused.</summary>
    public int MembersMax { get; init; } = 64;

    /// <summary>Checks that every limit lets something through.</summary>
    /// <exception cref="ArgumentException">One does not; says which.</exception>
    public void Validate()
    {
        Positive(AppendBytesMax, nameof(AppendBytesMax));
        Positive(InflightMessagesMax, nameof(InflightMessagesMax));
        Positive(InflightBytesMax, nameof(InflightBytesMax));
        Positive(EntryBytesMax, nameof(EntryBytesMax));
        Positive(UndecidedBytesMax, nameof(UndecidedBytesMax));
        Positive(AppliedBytesPerReadyMax, nameof(AppliedBytesPerReadyMax));
        Positive(PendingReadsMax, nameof(PendingReadsMax));
        Positive(MembersMax, nameof(MembersMax));
    }

    private static void Positive(long limit, string name)
    {
        if (limit <= 0)
            throw new ArgumentException($"{name} must be positive: it is {limit}.");
    }
}
