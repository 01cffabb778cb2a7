using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>State machine safety (Raft, figure 3): what one member knows to be decided in a slot, no member ever sees otherwise.</summary>
internal sealed class CommittedNeverChanges : IRaftInvariant
{
    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
        Law.Require(
            member.View.ReplacedFrom is not { } from || from > member.View.CommittedBefore, this,
            () => $"{core.Id} replaced its log from {member.View.ReplacedFrom} on, which it knew to be decided");
        for (var index = LogIndex.Max(member.View.CommittedBefore, core.Compacted.Index).Next(); index <= core.Committed; index = index.Next())
        {
            var entry = core.State.Log[index];
            if (index > decided.Last)
                decided.Add(entry, core.Term);
            else if (index >= decided.First)
                Law.Require(
                    decided.At(index).Term == entry.Term, this,
                    () => $"{core.Id} takes {entry.Position} as decided, where {decided.At(index).Position} was");
        }
    }
}
