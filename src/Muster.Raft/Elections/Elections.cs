namespace Muster.Raft;

/// <summary>Standing for election, giving votes and counting them (Raft, §5.2, §5.4.1; Ongaro's thesis, §4.2.3, §9.6).</summary>
internal sealed class Elections(MemberState state, Offices offices, Sender sender, VoteTally tally)
{
    /// <summary>Stands for election, if this member may.</summary>
    public StepOutcome Stand(bool isTransfer)
    {
        if (state.Role == Role.Leader)
            return StepOutcome.Drop(DropReason.NotApplicable);
        if (!state.MayStand || HasChangeToApply())
            return StepOutcome.Drop(DropReason.MayNotStand);
        if (state.PromiseTicks > 0 && !isTransfer)
            return StepOutcome.Drop(DropReason.LeaseInForce);
        if (state.Options.PreVote && !isTransfer)
            AskBeforehand();
        else
            AskForVotes(isTransfer);
        return StepOutcome.Done;
    }

    /// <summary>The leader asks this member to take over.</summary>
    public void OnTimeoutNow()
    {
        state.StandsOnceApplied = state.MayStand && HasChangeToApply();
        Stand(isTransfer: true);
    }

    /// <summary>Decided entries have been applied: what waited for them may happen.</summary>
    public void OnApplied()
    {
        if (!state.StandsOnceApplied || HasChangeToApply())
            return;
        state.StandsOnceApplied = false;
        Stand(isTransfer: true);
    }

    public void OnVoteRequest(Message.VoteRequest request)
    {
        // A vote for another in this term, or a leader in it, excludes a vote; saying what would happen in a later term does not.
        var isFree = state.Vote == request.From
            || (!state.Vote.IsSome && !state.Leader.IsSome)
            || (request.IsPreVote && request.Term > state.Term);
        if (isFree && request.Last.IsUpToDateWith(state.Log.Last))
        {
            // The asker of a pre-vote is one term ahead: an answer in our own term would be stale to it.
            state.SendWhenStored(new Message.VoteResponse(state.Id, request.From, request.Term, request.IsPreVote, true, state.Log.CommittedPosition));
            if (request.IsPreVote)
                return;
            state.ElectionElapsed = 0;
            state.Vote = request.From;
        }
        else
        {
            state.SendWhenStored(new Message.VoteResponse(state.Id, request.From, state.Term, request.IsPreVote, false, state.Log.CommittedPosition));
        }
    }

    public void OnVoteResponse(Message.VoteResponse response)
    {
        if (response.IsPreVote != (state.Role == Role.PreCandidate))
            return;
        tally.Record(response.From, response.Granted);
        switch (state.Configuration.Quorum.Verdict(tally))
        {
            case QuorumVerdict.Won when state.Role == Role.PreCandidate:
                AskForVotes(isTransfer: false);
                break;
            // Without its own vote on disk it could win this term again after a crash, and fill the same slots with other entries.
            case QuorumVerdict.Won when tally.Of(state.Id) == true:
                offices.BecomeLeader();
                sender.Broadcast();
                break;
            case QuorumVerdict.Lost:
                offices.BecomeFollower(state.Term, MemberId.None);
                break;
        }
    }

    /// <summary>Whether a request for a vote is to be ignored: a leader that this member hears may count on it.</summary>
    public bool KeepsPromise(Message.VoteRequest request) =>
        !request.IsTransfer && (state.PromiseTicks > 0 || (request.Term > state.Term && HearsLeader));

    private bool HearsLeader =>
        state.Options.CheckQuorum && state.Leader.IsSome && state.ElectionElapsed < state.Options.ElectionTicks;

    private void AskBeforehand()
    {
        offices.BecomePreCandidate();
        Ask(state.Term.Next(), isPreVote: true, isTransfer: false);
    }

    private void AskForVotes(bool isTransfer)
    {
        offices.BecomeCandidate();
        Ask(state.Term, isPreVote: false, isTransfer);
    }

    private void Ask(Term term, bool isPreVote, bool isTransfer)
    {
        // Only what a crash cannot take back: a vote that comes late may reach this member after it has restarted, in the same
        // term again, with a shorter log than the voter was told of.
        var claimed = state.Options.Storage == StorageMode.Synchronous ? state.Log.Last : state.Log.LastStored;
        foreach (var voter in state.Configuration.AllVoters)
        {
            // Its own vote counts when it is stored, like anyone's.
            if (voter == state.Id)
                state.SendWhenStored(new Message.VoteResponse(state.Id, state.Id, term, isPreVote, true, default));
            else
                state.Send(new Message.VoteRequest(state.Id, voter, term, claimed, isPreVote, isTransfer));
        }
    }

    // A member that won while a decided change waits could count with the wrong members.
    private bool HasChangeToApply()
    {
        for (var index = state.Log.Applied.Next(); index <= state.Log.Committed; index = index.Next())
            if (index >= state.Log.First && state.Log[index].Change is not null)
                return true;
        return false;
    }
}
