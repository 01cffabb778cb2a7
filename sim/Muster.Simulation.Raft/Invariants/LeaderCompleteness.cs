using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>Leader completeness (Raft, figure 3): who takes office holds everything that was decided in earlier terms.</summary>
internal sealed class LeaderCompleteness : IRaftInvariant
{
    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
        if (core.Role != Role.Leader || (member.View.RoleBefore == Role.Leader && member.View.TermBefore == core.Term))
            return;
        for (var index = decided.Last; index >= decided.First && index > core.Compacted.Index; index = index.Previous())
        {
            // One that won long ago and hears of it late may come after what a later leader has decided.
            var entry = decided.At(index);
            if (decided.DecidedIn(index) < core.Term)
                Law.Require(
                    core.TermAt(index) == entry.Term, this,
                    () => $"{core.Id} leads in term {core.Term} without the decided entry {entry.Position}");
        }
    }
}
