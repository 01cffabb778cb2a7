namespace Muster.Raft;

/// <summary>What becomes of a message: first its term is weighed, then its content goes to whoever it concerns.</summary>
internal sealed class Receiver(
    MemberState state, Offices offices, Elections elections, Following following, Leading leading,
    Proposing proposing, Reading reading, Transfers transfers)
{
    public StepOutcome On(Message message)
    {
        if (IsResponse(message) && state.Members.Find(message.From) is null && message.From != state.Id)
            return StepOutcome.Drop(DropReason.UnknownMember);
        if (message.Term == Term.None)
            return OnPassedOn(message);
        if (message is Message.VoteResponse { Committed: var committed } && state.Role != Role.Leader)
            state.Log.LearnCommitted(committed);
        if (message is Message.VoteRequest request && elections.KeepsPromise(request))
            return StepOutcome.Drop(DropReason.LeaseInForce);
        if (message.Term > state.Term)
            Advance(message);
        else if (message.Term < state.Term)
            return OnStale(message);
        Dispatch(message);
        return StepOutcome.Done;
    }

    private static bool IsResponse(Message message) =>
        message is Message.AppendResponse or Message.HeartbeatResponse or Message.VoteResponse;

    /// <summary>A later term begins, unless someone only asks what would be.</summary>
    private void Advance(Message message)
    {
        if (message is Message.VoteRequest { IsPreVote: true } or Message.VoteResponse { IsPreVote: true, Granted: true })
            return;
        var leads = message is Message.Append or Message.Heartbeat or Message.InstallSnapshot;
        offices.BecomeFollower(message.Term, leads ? message.From : MemberId.None);
    }

    private StepOutcome OnStale(Message message)
    {
        switch (message)
        {
            // A member that stood alone for a while has a higher term than the leader and would ignore it for ever:
            // an answer in its term makes the leader step down and be elected anew.
            case Message.Heartbeat or Message.Append when state.Options.CheckQuorum || state.Options.PreVote:
                state.SendWhenStored(new Message.AppendResponse(state.Id, message.From, state.Term, LogIndex.None, false, default));
                break;
            case Message.VoteRequest { IsPreVote: true }:
                state.SendWhenStored(new Message.VoteResponse(state.Id, message.From, state.Term, true, false, state.Log.CommittedPosition));
                break;
        }

        return StepOutcome.Drop(DropReason.Stale);
    }

    private void Dispatch(Message message)
    {
        switch (message)
        {
            case Message.VoteRequest request:
                elections.OnVoteRequest(request);
                break;
            case Message.VoteResponse response when state.Role is Role.Candidate or Role.PreCandidate:
                elections.OnVoteResponse(response);
                break;
            case Message.Append append when state.Role != Role.Leader:
                following.OnAppend(append);
                break;
            case Message.Heartbeat heartbeat when state.Role != Role.Leader:
                following.OnHeartbeat(heartbeat);
                break;
            case Message.InstallSnapshot install when state.Role != Role.Leader:
                following.OnSnapshot(install);
                break;
            case Message.AppendResponse response when state.Role == Role.Leader:
                leading.OnAppendResponse(response);
                break;
            case Message.HeartbeatResponse response when state.Role == Role.Leader:
                leading.OnHeartbeatResponse(response);
                break;
            case Message.TimeoutNow when state.Role == Role.Follower:
                elections.OnTimeoutNow();
                break;
            case Message.ReadResponse response when state.Role == Role.Follower:
                reading.OnResponse(response);
                break;
        }
    }

    private StepOutcome OnPassedOn(Message message) => message switch
    {
        Message.Forward forward => proposing.On(forward.Proposals),
        Message.ReadRequest request => reading.Ask(request.From, request.Context, mayUseLease: false),
        Message.TransferRequest request => transfers.OnRequest(request.Target),
        _ => StepOutcome.Drop(DropReason.NotApplicable),
    };
}
