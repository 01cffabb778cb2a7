using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>A member that does not vote in its own configuration neither stands nor takes office.</summary>
internal sealed class LearnersStandAside : IRaftInvariant
{
    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
        var stands = member.View.RoleBefore == Role.Follower && core.Role is (Role.PreCandidate or Role.Candidate);
        Law.Require(
            !stands || core.Configuration.IsVoter(core.Id), this,
            () => $"{core.Id} became {core.Role} without a vote in {core.Configuration}");
    }
}
