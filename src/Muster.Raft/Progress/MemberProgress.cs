using System.Diagnostics;
using Muster.Primitives;

namespace Muster.Raft;

/// <summary>How a leader sends to a follower.</summary>
public enum ReplicationPhase
{
    /// <summary>One append at a time, to find out where the logs agree.</summary>
    Probe,

    /// <summary>As many as the window holds, without waiting.</summary>
    Replicate,

    /// <summary>A snapshot is on its way: nothing else is sent.</summary>
    Snapshot,
}

/// <summary>What a leader knows of one member's log. Invariant: match &lt; next.</summary>
internal sealed class MemberProgress(MemberId member, LogIndex next, InflightWindow window)
{
    public MemberId Member { get; } = member;

    /// <summary>Known to agree with the leader's log, durably, up to here.</summary>
    public LogIndex Match { get; private set; }

    /// <summary>The first slot to send.</summary>
    public LogIndex Next { get; private set; } = next;

    public ReplicationPhase Phase { get; private set; } = ReplicationPhase.Probe;

    /// <summary>The snapshot on its way.</summary>
    public LogIndex PendingSnapshot { get; private set; }

    /// <summary>Nothing may be sent until something is heard.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Heard from since the leader last checked its quorum.</summary>
    public bool WasActive { get; set; }

    public bool IsLearner { get; set; }

    public InflightWindow Window { get; } = window;

    /// <summary>When the latest heartbeat that this member answered was sent, by the leader's clock.</summary>
    public Instant? HeartbeatAnswered { get; set; }

    /// <summary>The latest round of heartbeats that this member answered.</summary>
    public long RoundAnswered { get; set; }

    /// <summary>The highest commit index sent.</summary>
    public LogIndex SentCommit { get; private set; }

    public bool IsPaused => Phase == ReplicationPhase.Snapshot || IsHeld;

    public void BecomeProbe()
    {
        // A snapshot that was sent counts: probing before it would only send it again.
        var after = Phase == ReplicationPhase.Snapshot ? LogIndex.Max(Match, PendingSnapshot) : Match;
        Enter(ReplicationPhase.Probe);
        Next = after.Next();
        SentCommit = LogIndex.Min(SentCommit, after);
    }

    public void BecomeReplicate()
    {
        Enter(ReplicationPhase.Replicate);
        Next = Match.Next();
    }

    public void BecomeSnapshot(LogIndex snapshot)
    {
        Enter(ReplicationPhase.Snapshot);
        PendingSnapshot = snapshot;
        Next = snapshot.Next();
        SentCommit = snapshot;
    }

    /// <summary>A snapshot did not arrive: forget it before probing.</summary>
    public void ForgetSnapshot() => PendingSnapshot = LogIndex.None;

    public void Hold() => IsHeld = true;

    public void Release() => IsHeld = false;

    public void Sent(int entries, long bytes, LogIndex commit)
    {
        switch (Phase)
        {
            case ReplicationPhase.Replicate:
                if (entries > 0)
                {
                    Next += entries;
                    Window.Add(Next.Previous(), bytes);
                }

                // With a full window an append is a probe: the next waits for an answer.
                IsHeld = Window.IsFull;
                break;
            case ReplicationPhase.Probe:
                if (entries > 0)
                    IsHeld = true;
                break;
            default:
                throw new UnreachableException();
        }

        SentCommit = commit;
    }

    public void CommitSent(LogIndex commit) => SentCommit = commit;

    /// <summary>Whether telling a commit index would move the follower's.</summary>
    public bool CanLearnCommit(LogIndex commit) => commit > SentCommit && SentCommit < Next.Previous();

    /// <summary>The member has stored up to a slot.</summary>
    /// <returns>False when that was known.</returns>
    public bool Acknowledge(LogIndex index)
    {
        if (index <= Match)
            return false;
        Match = index;
        Next = LogIndex.Max(Next, index.Next());
        IsHeld = false;
        return true;
    }

    /// <summary>The member lacks the entry before those sent.</summary>
    /// <param name="rejected">The slot it lacks.</param>
    /// <param name="agree">Where the logs may agree.</param>
    /// <returns>False when this answers something long resolved.</returns>
    public bool Retreat(LogIndex rejected, LogIndex agree)
    {
        if (Phase == ReplicationPhase.Replicate)
        {
            if (rejected <= Match)
                return false;
            Next = Match.Next();
        }
        else
        {
            if (Next.Previous() != rejected)
                return false;
            Next = LogIndex.Max(LogIndex.Min(rejected, agree.Next()), Match.Next());
            IsHeld = false;
        }

        SentCommit = LogIndex.Min(SentCommit, Next.Previous());
        return true;
    }

    private void Enter(ReplicationPhase phase)
    {
        Phase = phase;
        IsHeld = false;
        PendingSnapshot = LogIndex.None;
        Window.Clear();
    }
}
