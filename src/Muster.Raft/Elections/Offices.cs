using Muster.Primitives;

namespace Muster.Raft;

/// <summary>How a member takes and leaves its roles.</summary>
internal sealed class Offices(MemberState state, Sender sender, LeaderLog leaderLog, VoteTally tally, Reading reading)
{
    public void BecomeFollower(Term term, MemberId leader)
    {
        Reset(term);
        state.Role = Role.Follower;
        state.Leader = leader;
    }

    /// <summary>Asks around; term and vote stay as they are.</summary>
    public void BecomePreCandidate()
    {
        Invariant.Require(state.Role != Role.Leader);
        tally.Clear();
        state.Role = Role.PreCandidate;
        state.Leader = MemberId.None;
    }

    public void BecomeCandidate()
    {
        Invariant.Require(state.Role != Role.Leader);
        Reset(state.Term.Next());
        state.Vote = state.Id;
        state.Role = Role.Candidate;
    }

    public void BecomeLeader()
    {
        Invariant.Require(state.Role == Role.Candidate);
        Reset(state.Term);
        state.Role = Role.Leader;
        state.Leader = state.Id;
        if (state.Members.Find(state.Id) is { } self)
        {
            self.BecomeReplicate();
            self.WasActive = true;
        }

        // A change of membership may be among the entries not yet applied; whether is not worth a search.
        state.LastChange = state.Log.Last.Index;
        leaderLog.AppendNothing();
    }

    private void Reset(Term term)
    {
        if (state.Term != term)
        {
            Invariant.Require(term > state.Term);
            state.Term = term;
            state.Vote = MemberId.None;
        }

        state.Leader = MemberId.None;
        state.RestartTimeout();
        state.HeartbeatElapsed = 0;
        state.Transferee = MemberId.None;
        state.LeaseGivenUp = false;
        state.StandsOnceApplied = false;
        state.LastChange = LogIndex.None;
        state.UndecidedBytes = 0;
        tally.Clear();
        sender.BeginTerm();
        reading.Forget();
        state.Members.Reset(state.Id, state.Log.Last.Index);
    }
}
