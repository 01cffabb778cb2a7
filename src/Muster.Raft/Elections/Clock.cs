using Muster.Primitives;

namespace Muster.Raft;

/// <summary>What passing time brings about.</summary>
internal sealed class Clock(MemberState state, Elections elections, Offices offices, Sender sender, Transfers transfers)
{
    public void OnTick(Input.Tick tick)
    {
        Invariant.Require(tick.ElectionTimeoutTicks > 0);
        state.Now = Instant.Max(state.Now, tick.Now);
        state.TimeoutTicks ??= tick.ElectionTimeoutTicks;
        state.PromiseTicks = Math.Max(0, state.PromiseTicks - 1);
        state.ElectionElapsed++;
        if (state.Role == Role.Leader)
            TickLeader();
        else if (state.ElectionElapsed >= state.TimeoutTicks && state.MayStand)
            Stand();
    }

    /// <summary>The leader's host has closed its link: stand after a short while rather than a whole timeout.</summary>
    /// <remarks>A lease must run its time whatever links do, so with reads by lease nothing changes.</remarks>
    public StepOutcome OnLinkClosed(Input.LinkClosed closed)
    {
        if (state.Role != Role.Follower || state.Leader != closed.Member || state.Options.Reads == ReadMode.Lease)
            return StepOutcome.Drop(DropReason.NotApplicable);
        state.Leader = MemberId.None;
        state.ElectionElapsed = 0;
        state.TimeoutTicks = closed.StandAfterTicks;
        if (closed.StandAfterTicks <= 0 && state.MayStand)
            Stand();
        return StepOutcome.Done;
    }

    public StepOutcome OnForgetLeader()
    {
        if (state.Options.Reads == ReadMode.Lease)
            return StepOutcome.Drop(DropReason.LeaseInForce);
        if (state.Role != Role.Follower)
            return StepOutcome.Drop(DropReason.NotApplicable);
        state.Leader = MemberId.None;
        return StepOutcome.Done;
    }

    private void Stand()
    {
        state.RestartTimeout();
        elections.Stand(isTransfer: false);
    }

    private void TickLeader()
    {
        if (state.ElectionElapsed >= state.Options.ElectionTicks)
        {
            state.ElectionElapsed = 0;
            // Whoever should take over did not within an election timeout: go on, or try another.
            state.Transferee = MemberId.None;
            transfers.HandOver();
            if (state.Options.CheckQuorum && !state.Members.TakeQuorumActive(state.Id))
            {
                offices.BecomeFollower(state.Term, MemberId.None);
                return;
            }
        }

        if (++state.HeartbeatElapsed >= state.Options.HeartbeatTicks)
        {
            state.HeartbeatElapsed = 0;
            sender.BroadcastHeartbeat();
        }
    }
}
