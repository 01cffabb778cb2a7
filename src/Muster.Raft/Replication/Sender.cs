using System.Runtime.InteropServices;
using Muster.Primitives;

namespace Muster.Raft;

/// <summary>What a leader sends, and what it then remembers of each member.</summary>
internal sealed class Sender(MemberState state)
{
    private long _round;

    /// <summary>The number of the latest round of heartbeats in this term.</summary>
    public long Round => _round;

    public void BeginTerm() => _round = 0;

    /// <summary>Sends to everyone what they lack, or the commit index alone.</summary>
    public void Broadcast()
    {
        foreach (var progress in state.Members.Members)
            if (progress.Member != state.Id)
                SendAppend(progress, alsoEmpty: true);
    }

    /// <summary>Sends to everyone who lacks entries.</summary>
    public void BroadcastEntries()
    {
        foreach (var progress in state.Members.Members)
            if (progress.Member != state.Id)
                SendAppend(progress, alsoEmpty: false);
    }

    /// <summary>Sends what a member lacks: entries within the limits, or a snapshot when they are compacted.</summary>
    /// <returns>Whether anything was sent.</returns>
    public bool SendAppend(MemberProgress progress, bool alsoEmpty)
    {
        if (progress.IsPaused)
            return false;
        var previous = progress.Next.Previous();
        if (state.Log.TermAt(previous) is not { } term)
            return SendSnapshot(progress);
        // A full window stays full until something is heard; an empty append asks for an answer.
        var isThrottled = progress.Phase == ReplicationPhase.Replicate && progress.Window.IsFull;
        var entries = isThrottled ? [] : state.Log.Slice(progress.Next, state.Options.Limits.AppendBytesMax);
        if (entries.Length == 0 && !alsoEmpty)
            return false;
        state.Send(new Message.Append(
            state.Id, progress.Member, state.Term, new(term, previous),
            ImmutableCollectionsMarshal.AsImmutableArray(entries), state.Log.Committed));
        progress.Sent(entries.Length, Bytes(entries), state.Log.Committed);
        return true;
    }

    /// <summary>One heartbeat to everyone: they say that the leader leads, and their answers that it still does.</summary>
    public void BroadcastHeartbeat()
    {
        _round++;
        foreach (var progress in state.Members.Members)
        {
            if (progress.Member == state.Id)
                continue;
            // No further than the member is known to agree: what lies beyond may not be ours.
            var committed = LogIndex.Min(progress.Match, state.Log.Committed);
            state.Send(new Message.Heartbeat(state.Id, progress.Member, state.Term, committed, _round, state.Now));
            progress.CommitSent(committed);
        }
    }

    public void SendTimeoutNow(MemberId to)
    {
        state.LeaseGivenUp = true;
        state.Send(new Message.TimeoutNow(state.Id, to, state.Term));
    }

    private bool SendSnapshot(MemberProgress progress)
    {
        if (!progress.WasActive || state.LatestSnapshot is not { } snapshot)
            return false;
        Invariant.Require(snapshot.Position.Index >= state.Log.Base.Index);
        progress.BecomeSnapshot(snapshot.Position.Index);
        state.Send(new Message.InstallSnapshot(state.Id, progress.Member, state.Term, snapshot));
        return true;
    }

    private static long Bytes(LogEntry[] entries)
    {
        long bytes = 0;
        foreach (var entry in entries)
            bytes += entry.SizeBytes;
        return bytes;
    }
}
