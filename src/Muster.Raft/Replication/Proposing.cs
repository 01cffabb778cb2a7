using System.Collections.Immutable;

namespace Muster.Raft;

/// <summary>What happens to proposals.</summary>
internal sealed class Proposing(MemberState state, Sender sender, LeaderLog leaderLog, Memberships memberships)
{
    /// <summary>Appends on a leader, passes on from a follower, or says why neither.</summary>
    public StepOutcome On(ImmutableArray<Proposal> proposals)
    {
        if (state.Role == Role.Leader)
            return Append(proposals);
        if (!state.Leader.IsSome)
            return StepOutcome.Drop(DropReason.NoLeader);
        if (!state.Options.ForwardProposals || state.Role != Role.Follower)
            return StepOutcome.Drop(DropReason.NotLeader);
        state.Send(new Message.Forward(state.Id, state.Leader, proposals));
        return new StepOutcome.Forwarded(state.Leader);
    }

    private StepOutcome Append(ImmutableArray<Proposal> proposals)
    {
        if (proposals.Length == 0)
            return StepOutcome.Drop(DropReason.NotApplicable);
        if (state.Members.Find(state.Id) is null)
            return StepOutcome.Drop(DropReason.Removed);
        if (state.Transferee.IsSome)
            return StepOutcome.Drop(DropReason.TransferUnderWay);
        foreach (var proposal in proposals)
            if (proposal.SizeBytes > state.Options.Limits.EntryBytesMax)
                return StepOutcome.Drop(DropReason.TooLarge);
        var first = state.Log.Last.Index.Next();
        var lastChange = state.LastChange;
        proposals = WithoutImpossibleChanges(proposals, out var refused);
        if (!leaderLog.TryAppend(proposals))
        {
            state.LastChange = lastChange;
            return StepOutcome.Drop(DropReason.TooMuchUndecided);
        }

        sender.Broadcast();
        return new StepOutcome.Appended(new(state.Term, first), state.Log.Last, refused);
    }

    /// <summary>A change that may not be made now keeps its slot, empty: what was proposed with it is not its fault.</summary>
    private ImmutableArray<Proposal> WithoutImpossibleChanges(ImmutableArray<Proposal> proposals, out DropReason? refused)
    {
        refused = null;
        for (var i = 0; i < proposals.Length; i++)
        {
            if (proposals[i].Change is not { } change)
                continue;
            if (memberships.Refuse(change) is { } reason)
            {
                refused = reason;
                proposals = proposals.SetItem(i, default);
            }
            else
            {
                state.LastChange = state.Log.Last.Index + (i + 1);
            }
        }

        return proposals;
    }
}
