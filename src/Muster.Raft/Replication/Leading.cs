namespace Muster.Raft;

/// <summary>What a leader does with its followers' answers.</summary>
internal sealed class Leading(MemberState state, Sender sender, LeaderLog leaderLog, Reading reading)
{
    public void OnAppendResponse(Message.AppendResponse response)
    {
        if (state.Members.Find(response.From) is not { } progress)
            return;
        progress.WasActive = true;
        if (response.Refused)
            OnRefused(progress, response);
        else if (progress.Acknowledge(response.Index)
            || (progress.Match == response.Index && progress.Phase == ReplicationPhase.Probe))
            OnAccepted(progress, response.Index);
    }

    public void OnHeartbeatResponse(Message.HeartbeatResponse response)
    {
        if (state.Members.Find(response.From) is not { } progress)
            return;
        progress.WasActive = true;
        progress.Release();
        // Whatever filled the window may be lost: an empty append finds out.
        if (progress.Match < state.Log.Last.Index || progress.Phase == ReplicationPhase.Probe)
            sender.SendAppend(progress, alsoEmpty: true);
        reading.OnRoundAnswered(progress, response);
    }

    public void OnUnreachable(MemberId member)
    {
        if (state.Members.Find(member) is { Phase: ReplicationPhase.Replicate } progress)
            progress.BecomeProbe();
    }

    public void OnSnapshotSent(MemberId member, bool arrived)
    {
        if (state.Members.Find(member) is not { Phase: ReplicationPhase.Snapshot } progress)
            return;
        if (!arrived)
            progress.ForgetSnapshot();
        progress.BecomeProbe();
        // When it arrived, the member's answer comes soon; when not, the next heartbeat is soon enough to try again.
        progress.Hold();
    }

    private void OnRefused(MemberProgress progress, Message.AppendResponse response)
    {
        // The hint skips the follower's conflicting terms; ours skips those of ours that it cannot hold.
        var agree = response.Hint.Term > Term.None
            ? state.Log.LastNotAbove(response.Hint.Index, response.Hint.Term).Index
            : response.Hint.Index;
        if (!progress.Retreat(response.Index, agree))
            return;
        if (progress.Phase == ReplicationPhase.Replicate)
            progress.BecomeProbe();
        sender.SendAppend(progress, alsoEmpty: true);
    }

    private void OnAccepted(MemberProgress progress, LogIndex index)
    {
        switch (progress.Phase)
        {
            case ReplicationPhase.Probe:
                progress.BecomeReplicate();
                break;
            case ReplicationPhase.Snapshot when progress.Match.Next() >= state.Log.First:
                // Whether the snapshot or something else brought it here: the log reaches it again.
                progress.BecomeProbe();
                progress.BecomeReplicate();
                break;
            case ReplicationPhase.Replicate:
                progress.Window.FreeTo(index);
                break;
        }

        var isSelf = progress.Member == state.Id;
        if (leaderLog.TryCommit())
        {
            reading.OnCommitted();
            sender.Broadcast();
        }
        else if (!isSelf && progress.CanLearnCommit(state.Log.Committed))
        {
            sender.SendAppend(progress, alsoEmpty: true);
        }

        while (!isSelf && sender.SendAppend(progress, alsoEmpty: false))
        {
        }

        if (progress.Member == state.Transferee && progress.Match == state.Log.Last.Index)
            sender.SendTimeoutNow(progress.Member);
    }
}
