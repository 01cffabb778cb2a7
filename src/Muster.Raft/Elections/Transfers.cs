namespace Muster.Raft;

/// <summary>Handing leadership over (Ongaro's thesis, §3.10).</summary>
internal sealed class Transfers(MemberState state, Sender sender)
{
    public StepOutcome OnRequest(MemberId target)
    {
        if (state.Role != Role.Leader)
            return PassOn(target);
        if (target == state.Id || state.Members.Find(target) is not { IsLearner: false } progress)
            return StepOutcome.Drop(DropReason.NotApplicable);
        if (state.Transferee == target)
            return StepOutcome.Done;
        // It gets an election timeout's time, during which nothing is proposed.
        state.ElectionElapsed = 0;
        state.Transferee = target;
        if (progress.Match == state.Log.Last.Index)
            sender.SendTimeoutNow(target);
        else
            sender.SendAppend(progress, alsoEmpty: true);
        return StepOutcome.Done;
    }

    /// <summary>Hands over to the voter with the most of the log, when this leader does not vote any more.</summary>
    public void HandOver()
    {
        if (state.Options.OnRemoval != LeaderRemoval.HandOver || state.Configuration.IsVoter(state.Id))
            return;
        MemberProgress? best = null;
        foreach (var progress in state.Members.Members)
            if (state.Configuration.Voters.Contains(progress.Member) && progress.WasActive && (best is null || progress.Match > best.Match))
                best = progress;
        if (best is not null)
            OnRequest(best.Member);
    }

    private StepOutcome PassOn(MemberId target)
    {
        if (state.Role != Role.Follower || !state.Leader.IsSome)
            return StepOutcome.Drop(DropReason.NoLeader);
        state.Send(new Message.TransferRequest(state.Id, state.Leader, target));
        return new StepOutcome.Forwarded(state.Leader);
    }
}
