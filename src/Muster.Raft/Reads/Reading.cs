using Muster.Primitives;

namespace Muster.Raft;

/// <summary>Linearizable reads without writing to the log (Ongaro's thesis, §6.4).</summary>
/// <remarks>
/// A read may be answered at the commit index of the moment it was asked for, once it is certain that nobody else led at that
/// moment: a quorum answers a heartbeat sent after it, or a quorum's promise to follow has not run out.
/// </remarks>
internal sealed class Reading(MemberState state, Sender sender, LeaderLog leaderLog)
{
    private readonly Queue<PendingRead> _unsent = [];
    private readonly Queue<PendingRead> _waiting = [];

    private readonly record struct PendingRead(MemberId From, ulong Context, LogIndex Index, long Round);

    public bool HasUnsent => _unsent.Count > 0 && state.Role == Role.Leader && leaderLog.KnowsWhatIsDecided;

    public StepOutcome OnRead(Input.Read read)
    {
        state.Now = Instant.Max(state.Now, read.Now);
        return Ask(state.Id, read.Context, mayUseLease: true);
    }

    /// <param name="from">Who asks.</param>
    /// <param name="context">Its number for the read.</param>
    /// <param name="mayUseLease">Only when the present instant came with the question: this process may have been stopped since the last tick.</param>
    public StepOutcome Ask(MemberId from, ulong context, bool mayUseLease)
    {
        if (state.Role != Role.Leader)
            return PassOn(from, context);
        if (_unsent.Count + _waiting.Count >= state.Options.Limits.PendingReadsMax)
            return StepOutcome.Drop(DropReason.TooManyReads);
        if (leaderLog.KnowsWhatIsDecided && (IsAlone || (mayUseLease && HoldsLease)))
            Answer(new(from, context, state.Log.Committed, 0));
        else
            _unsent.Enqueue(new(from, context, state.Log.Committed, 0));
        return StepOutcome.Done;
    }

    public void OnResponse(Message.ReadResponse response) => state.Outbox.Grant(new(response.Context, response.Index));

    /// <summary>Sends one round of heartbeats for all reads asked for since the last.</summary>
    public void SendRound()
    {
        if (!HasUnsent)
            return;
        sender.BroadcastHeartbeat();
        while (_unsent.TryDequeue(out var read))
            // What was asked before this leader knew what is decided waits for what it knows now.
            _waiting.Enqueue(read with { Index = state.Log.Committed, Round = sender.Round });
        AnswerRounds();
    }

    public void OnRoundAnswered(MemberProgress progress, Message.HeartbeatResponse response)
    {
        progress.RoundAnswered = Math.Max(progress.RoundAnswered, response.Round);
        if (progress.HeartbeatAnswered is not { } before || response.SentAt > before)
            progress.HeartbeatAnswered = response.SentAt;
        AnswerRounds();
    }

    /// <summary>Entries were decided: reads that waited to know what is decided may be sent.</summary>
    public void OnCommitted()
    {
        if (IsAlone && leaderLog.KnowsWhatIsDecided)
            while (_unsent.TryDequeue(out var read))
                Answer(read with { Index = state.Log.Committed });
    }

    /// <summary>This member does not lead any more, or anew: whoever asked asks again.</summary>
    public void Forget()
    {
        _unsent.Clear();
        _waiting.Clear();
    }

    private bool IsAlone => !state.Configuration.IsJoint && state.Configuration.Voters.Count == 1 && state.Configuration.IsVoter(state.Id);

    private bool HoldsLease =>
        state.Options.Reads == ReadMode.Lease && !state.LeaseGivenUp
        && state.Members.HeartbeatAnsweredSince(state.Id, state.Now - state.Options.Lease);

    private void AnswerRounds()
    {
        while (_waiting.TryPeek(out var read) && state.Members.RoundAnswered(state.Id, read.Round))
            Answer(_waiting.Dequeue());
    }

    private void Answer(PendingRead read)
    {
        if (read.From == state.Id)
            state.Outbox.Grant(new(read.Context, read.Index));
        else
            state.Send(new Message.ReadResponse(state.Id, read.From, state.Term, read.Context, read.Index));
    }

    private StepOutcome PassOn(MemberId from, ulong context)
    {
        if (from != state.Id || state.Role != Role.Follower || !state.Leader.IsSome)
            return StepOutcome.Drop(DropReason.NoLeader);
        state.Send(new Message.ReadRequest(state.Id, state.Leader, context));
        return new StepOutcome.Forwarded(state.Leader);
    }
}
