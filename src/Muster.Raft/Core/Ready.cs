using System.Collections.Immutable;

namespace Muster.Raft;

/// <summary>What a member must now have done for it.</summary>
/// <remarks>
/// <para>At once: send <see cref="Messages"/>, answer <see cref="Reads"/> when their slot is applied.</para>
/// <para>Store <see cref="Hard"/>, <see cref="Snapshot"/> and <see cref="Entries"/>, in the order of the Readys; when durable
/// (if <see cref="MustSync"/>), send <see cref="AfterStored"/>, step those addressed to this member, then step
/// <see cref="Input.Persisted"/> with <see cref="Ticket"/>. Nothing that a crash could take back is in <see cref="Messages"/>.</para>
/// <para>Apply <see cref="Committed"/>, then step <see cref="Input.Applied"/>.</para>
/// </remarks>
public sealed record Ready
{
    /// <summary>What the member believes, when that has changed.</summary>
    public SoftState? Soft { get; init; }

    /// <summary>What it must find again, when that has changed.</summary>
    public HardState? Hard { get; init; }

    /// <summary>Entries to store; each replaces whatever is stored in its slot and after it.</summary>
    public ImmutableArray<LogEntry> Entries { get; init; } = [];

    /// <summary>A snapshot to put in the place of log and state machine, before <see cref="Entries"/>.</summary>
    public Snapshot? Snapshot { get; init; }

    /// <summary>Decided entries for the state machine, in order, each once.</summary>
    public ImmutableArray<LogEntry> Committed { get; init; } = [];

    /// <summary>To be sent at once.</summary>
    public ImmutableArray<Message> Messages { get; init; } = [];

    /// <summary>To be sent when all of this is stored, and all of the Readys before.</summary>
    public ImmutableArray<Message> AfterStored { get; init; } = [];

    /// <summary>Reads that may be answered.</summary>
    public ImmutableArray<ReadGrant> Reads { get; init; } = [];

    /// <summary>Whether storing must be durable before <see cref="AfterStored"/> is sent.</summary>
    public bool MustSync { get; init; }

    /// <summary>To be given back when stored; nothing when there is nothing to store or to send afterwards.</summary>
    public StorageTicket? Ticket { get; init; }
}

/// <summary>Says what was stored, and under which term it was handed out.</summary>
/// <param name="Term">The member's term when it was handed out: entries of an earlier one may have been replaced since.</param>
/// <param name="Last">The last entry of the log then; nothing when no entry was on its way.</param>
/// <param name="Snapshot">The snapshot stored.</param>
public sealed record StorageTicket(Term Term, LogPosition? Last, LogIndex? Snapshot);

/// <summary>A read may be answered once a slot has been applied.</summary>
/// <param name="Context">The caller's number for the read.</param>
/// <param name="Index">The slot.</param>
public readonly record struct ReadGrant(ulong Context, LogIndex Index);
