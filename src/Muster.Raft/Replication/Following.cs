namespace Muster.Raft;

/// <summary>What a follower does with what its leader sends.</summary>
internal sealed class Following(MemberState state, Offices offices)
{
    /// <summary>A leader of this term has spoken: nobody else leads, and the timeout starts again.</summary>
    public void Acknowledge(MemberId leader)
    {
        if (state.Role != Role.Follower)
            offices.BecomeFollower(state.Term, leader);
        if (state.Leader != leader)
            state.TimeoutTicks = null;
        state.Leader = leader;
        state.ElectionElapsed = 0;
        state.Promise();
    }

    public void OnAppend(Message.Append append)
    {
        Acknowledge(append.From);
        var log = state.Log;
        if (append.Previous.Index < log.Committed)
        {
            // Late: everything up to the commit index agrees anyway.
            Accept(append.From, log.Committed);
        }
        else if (log.TryAppend(append.Previous, append.Entries.AsSpan()) is { } agreed)
        {
            // Only what this append has shown to agree counts as decided, not whatever else is in the log.
            log.CommitTo(LogIndex.Min(append.Committed, agreed));
            Accept(append.From, agreed);
        }
        else
        {
            var hint = log.LastNotAbove(LogIndex.Min(append.Previous.Index, log.Last.Index), append.Previous.Term);
            state.SendWhenStored(new Message.AppendResponse(state.Id, append.From, state.Term, append.Previous.Index, true, hint));
        }
    }

    public void OnHeartbeat(Message.Heartbeat heartbeat)
    {
        Acknowledge(heartbeat.From);
        state.Log.CommitTo(heartbeat.Committed);
        state.Send(new Message.HeartbeatResponse(state.Id, heartbeat.From, state.Term, heartbeat.Round, heartbeat.SentAt));
    }

    public void OnSnapshot(Message.InstallSnapshot install)
    {
        Acknowledge(install.From);
        Accept(install.From, TryRestore(install.Snapshot) ? state.Log.Last.Index : state.Log.Committed);
    }

    private bool TryRestore(Snapshot snapshot)
    {
        if (snapshot.Position.Index <= state.Log.Committed)
            return false;
        if (state.Log.Holds(snapshot.Position))
        {
            state.Log.CommitTo(snapshot.Position.Index);
            return false;
        }

        state.Log.Restore(snapshot);
        state.Members.Adopt(snapshot.Configuration, state.Log.Last.Index);
        state.LatestSnapshot = snapshot;
        return true;
    }

    private void Accept(MemberId leader, LogIndex index) =>
        state.SendWhenStored(new Message.AppendResponse(state.Id, leader, state.Term, index, false, default));
}
