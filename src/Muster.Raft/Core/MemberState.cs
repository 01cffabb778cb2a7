using Muster.Primitives;

namespace Muster.Raft;

/// <summary>Everything that one member knows. Changed by one step at a time.</summary>
internal sealed class MemberState
{
    public MemberState(RaftOptions options, Recovered recovered)
    {
        Options = options;
        Log = new(recovered.Snapshot, recovered.Entries, recovered.Applied);
        Log.CommitTo(LogIndex.Min(recovered.Hard.Committed, Log.Last.Index));
        (Term, Vote) = (recovered.Hard.Term, recovered.Hard.Vote);
        Members = new(options);
        LatestSnapshot = recovered.Snapshot;
        // A member that has just started does not know what it promised a leader before: it keeps that promise anyway.
        if (recovered.MayHavePromised)
            Promise();
    }

    public RaftOptions Options { get; }

    public RaftLog Log { get; }

    public ProgressTable Members { get; }

    public Outbox Outbox { get; } = new();

    public MemberId Id => Options.Id;

    public Term Term { get; set; }

    public MemberId Vote { get; set; }

    public MemberId Leader { get; set; }

    public Role Role { get; set; } = Role.Follower;

    /// <summary>The last change of membership in the log; another may follow only when it is applied.</summary>
    public LogIndex LastChange { get; set; }

    /// <summary>To whom leadership is being handed.</summary>
    public MemberId Transferee { get; set; }

    /// <summary>Somebody was told to stand at once in this term: no lease protects this leader any more.</summary>
    public bool LeaseGivenUp { get; set; }

    /// <summary>The leader asked this member to stand, and it has decided changes of membership to apply first.</summary>
    public bool StandsOnceApplied { get; set; }

    /// <summary>Bytes proposed and not yet applied, as far as this leader knows.</summary>
    public long UndecidedBytes { get; set; }

    public Snapshot? LatestSnapshot { get; set; }

    /// <summary>The latest instant that this member was told.</summary>
    public Instant Now { get; set; }

    /// <summary>Ticks since the last sign of a leader, or since a leader last checked its quorum.</summary>
    public int ElectionElapsed { get; set; }

    public int HeartbeatElapsed { get; set; }

    /// <summary>When to stand; nothing until the next tick brings a draw.</summary>
    public int? TimeoutTicks { get; set; }

    /// <summary>Ticks left of a promise to a leader whose reads depend on it: no vote, no standing. Outlives terms and roles.</summary>
    public int PromiseTicks { get; set; }

    public Configuration Configuration => Members.Configuration;

    public bool MayStand => Configuration.IsVoter(Id) && Log.Incoming is null;

    public void Send(Message message) => Outbox.Send(message);

    public void SendWhenStored(Message message) => Outbox.SendWhenStored(message);

    /// <summary>A leader may count on this member for an election timeout.</summary>
    public void Promise()
    {
        if (Options.Reads == ReadMode.Lease)
            PromiseTicks = Options.ElectionTicks;
    }

    public void TakeSnapshot(Snapshot snapshot)
    {
        Invariant.Require(snapshot.Position.Index <= Log.Applied);
        if (LatestSnapshot is null || snapshot.Position.Index > LatestSnapshot.Position.Index)
            LatestSnapshot = snapshot;
    }

    /// <summary>Never beyond the latest snapshot: a member that lags could not be helped any more.</summary>
    public void Compact(LogIndex upTo)
    {
        Invariant.Require(upTo <= (LatestSnapshot?.Position.Index ?? LogIndex.None));
        Log.Compact(upTo);
    }

    public void RestartTimeout()
    {
        ElectionElapsed = 0;
        TimeoutTicks = null;
    }
}

/// <summary>Messages waiting to be drained.</summary>
internal sealed class Outbox
{
    private readonly List<Message> _now = [];
    private readonly List<Message> _whenStored = [];
    private readonly List<ReadGrant> _reads = [];

    public bool IsEmpty => _now.Count == 0 && _whenStored.Count == 0 && _reads.Count == 0;

    public bool HasWaiting => _whenStored.Count > 0;

    public void Send(Message message) => _now.Add(message);

    public void SendWhenStored(Message message) => _whenStored.Add(message);

    public void Grant(ReadGrant read) => _reads.Add(read);

    public Message[] TakeNow() => Take(_now);

    public Message[] TakeWhenStored() => Take(_whenStored);

    public ReadGrant[] TakeReads() => Take(_reads);

    private static T[] Take<T>(List<T> list)
    {
        if (list.Count == 0)
            return [];
        var all = list.ToArray();
        list.Clear();
        return all;
    }
}

/// <summary>What a member finds when it starts.</summary>
/// <param name="Hard">Term, vote and commit index.</param>
/// <param name="Snapshot">The latest snapshot.</param>
/// <param name="Entries">Entries after it, in order, without gaps.</param>
/// <param name="Applied">How far the state machine is; at least the snapshot.</param>
/// <param name="Configuration">The membership at <paramref name="Applied"/>, when that is beyond the snapshot.</param>
public sealed record Recovered(
    HardState Hard, Snapshot? Snapshot, IReadOnlyList<LogEntry> Entries, LogIndex Applied, Configuration? Configuration = null)
{
    /// <summary>Whether it may have promised a leader something before it stopped; not on the first start.</summary>
    public bool MayHavePromised { get; init; } = true;

    /// <summary>A member that has never been anything: it learns everything from a leader.</summary>
    public static Recovered Blank { get; } = new(default, null, [], default) { MayHavePromised = false };

    /// <summary>The first start of a cluster's first members: an empty state whose membership is given.</summary>
    public static Recovered First(Configuration configuration) =>
        new(new(new(1), default, new(1)), new(new(new(1), new(1)), configuration, default), [], new(1)) { MayHavePromised = false };
}
