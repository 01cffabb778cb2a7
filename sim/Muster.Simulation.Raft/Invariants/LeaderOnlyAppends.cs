using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>Leader append-only (Raft, figure 3): a leader never replaces or cuts entries of its log.</summary>
internal sealed class LeaderOnlyAppends : IRaftInvariant
{
    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
        var led = member.View.RoleBefore == Role.Leader && member.View.TermBefore == core.Term;
        Law.Require(
            !led || member.View.ReplacedFrom is null, this,
            () => $"{core.Id}, leading in term {core.Term}, replaced its log from {member.View.ReplacedFrom} on");
    }
}
