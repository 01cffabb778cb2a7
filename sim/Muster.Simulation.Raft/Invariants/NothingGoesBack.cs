using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>Term, commit index and applied index only rise; a vote once given in a term stays.</summary>
internal sealed class NothingGoesBack : IRaftInvariant
{
    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
        var before = member.View;
        Law.Require(core.Term >= before.TermBefore, this, () => $"{core.Id} went from term {before.TermBefore} back to {core.Term}");
        Law.Require(core.Committed >= before.CommittedBefore, this, () => $"{core.Id} went from commit {before.CommittedBefore} back to {core.Committed}");
        Law.Require(core.Applied >= before.AppliedBefore, this, () => $"{core.Id} went from applied {before.AppliedBefore} back to {core.Applied}");
        Law.Require(
            core.Term != before.TermBefore || !before.VoteBefore.IsSome || core.Vote == before.VoteBefore, this,
            () => $"{core.Id} voted for {before.VoteBefore} and then for {core.Vote} in term {core.Term}");
    }
}
