namespace Muster.Raft;

/// <summary>When a change of membership may be proposed, and what its coming into force brings about.</summary>
internal sealed class Memberships(MemberState state, Offices offices, Sender sender, LeaderLog leaderLog, Reading reading, Transfers transfers)
{
    /// <summary>Whether a change may be put into the log now.</summary>
    /// <returns>Why not; nothing when it may.</returns>
    public DropReason? Refuse(ConfigurationChange change)
    {
        if (!state.Options.ValidateChanges)
            return null;
        // One at a time: a second could be made from a configuration that the first replaces.
        if (state.LastChange > state.Log.Applied)
            return DropReason.ChangeUnderWay;
        var outcome = ConfigurationChanger.Make(state.Configuration, change);
        if (!outcome.IsMade || outcome.Configuration.Everyone.Count > state.Options.Limits.MembersMax)
            return DropReason.ChangeNotPossible;
        return PromotesTooEarly(outcome.Configuration) ? DropReason.LearnerBehind : null;
    }

    /// <summary>Decided entries up to a slot have been applied: their changes are now in force.</summary>
    public void OnApplied(LogIndex index)
    {
        for (var at = LogIndex.Max(state.Log.Applied.Next(), state.Log.First); at <= index; at = at.Next())
        {
            var entry = state.Log[at];
            if (state.Role == Role.Leader)
                state.UndecidedBytes = Math.Max(0, state.UndecidedBytes - entry.SizeBytes);
            if (entry.Change is { } change)
                ComeIntoForce(change);
        }

        state.Log.AppliedTo(index);
        LeaveJointIfDue();
    }

    /// <summary>Ends a joint configuration that is to end by itself, once everyone concerned knows of it.</summary>
    public void LeaveJointIfDue()
    {
        if (state.Role != Role.Leader || !state.Configuration.LeaveAutomatically || state.LastChange > state.Log.Applied)
            return;
        if (!leaderLog.TryAppend([new(default, ConfigurationChange.Leave)]))
            return;
        state.LastChange = state.Log.Last.Index;
        sender.BroadcastEntries();
    }

    private void ComeIntoForce(ConfigurationChange change)
    {
        // A change that cannot follow from the present one has no effect, on any member alike.
        var outcome = ConfigurationChanger.Make(state.Configuration, change);
        if (!outcome.IsMade)
            return;
        state.Members.Adopt(outcome.Configuration, state.Log.Last.Index);
        if (state.Role != Role.Leader)
            return;
        var isRemoved = !state.Configuration.IsVoter(state.Id);
        if (isRemoved && state.Options.OnRemoval == LeaderRemoval.StepDown)
            offices.BecomeFollower(state.Term, MemberId.None);
        if (isRemoved && state.Options.OnRemoval != LeaderRemoval.HandOver)
            return;

        // A smaller quorum may have decided more; new members are told of the log at once.
        if (leaderLog.TryCommit())
        {
            reading.OnCommitted();
            sender.Broadcast();
        }
        else
        {
            sender.BroadcastEntries();
        }

        if (!state.Configuration.IsVoter(state.Transferee))
            state.Transferee = MemberId.None;
        if (isRemoved)
            transfers.HandOver();
    }

    private bool PromotesTooEarly(Configuration to)
    {
        if (state.Options.PromotionLagMax is not { } lagMax)
            return false;
        foreach (var voter in to.Voters)
            if (state.Configuration.Learners.Contains(voter)
                && state.Log.Last.Index - (state.Members.Find(voter)?.Match ?? LogIndex.None) > lagMax)
                return true;
        return false;
    }
}
