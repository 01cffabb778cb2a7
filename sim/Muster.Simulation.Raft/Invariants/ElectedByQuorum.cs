using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>Who takes office has the durable votes of a majority of voters: of both halves while membership changes. Learners do not count.</summary>
internal sealed class ElectedByQuorum(Func<MemberId, SimulatedMember?> find) : IRaftInvariant
{
    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
        if (core.Role != Role.Leader || member.View.RoleBefore == Role.Leader)
            return;
        Law.Require(
            Voted(core.Configuration.Voters, core) && (!core.Configuration.IsJoint || Voted(core.Configuration.Outgoing, core)), this,
            () => $"{core.Id} leads in term {core.Term} of {core.Configuration} without a quorum of durable votes");
    }

    private bool Voted(MemberSet voters, RaftCore core)
    {
        var votes = 0;
        foreach (var voter in voters)
        {
            // A voter may have moved on to a later term since: then its vote was given before.
            var hard = find(voter)?.Disk.Hard ?? default;
            votes += hard.Term > core.Term || (hard.Term == core.Term && hard.Vote == core.Id) ? 1 : 0;
        }

        return votes >= voters.Count / 2 + 1;
    }
}
