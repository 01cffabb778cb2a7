using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>What a leader takes as decided is durable on a majority of voters: of both halves while membership changes. Learners do not count.</summary>
internal sealed class CommittedOnQuorum(Func<MemberId, SimulatedMember?> find) : IRaftInvariant
{
    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
        if (core.Role != Role.Leader || core.Committed <= member.View.CommittedBefore || member.View.RoleBefore != Role.Leader)
            return;
        var position = core.State.Log[core.Committed].Position;
        Law.Require(
            Holds(core.Configuration.Voters, position) && (!core.Configuration.IsJoint || Holds(core.Configuration.Outgoing, position)), this,
            () => $"{core.Id} takes {position} as decided in {core.Configuration}, but no quorum of its disks holds it");
        Law.Require(position.Term == core.Term, this, () => $"{core.Id} decided {position} of an earlier term by count, in term {core.Term}");
    }

    private bool Holds(MemberSet voters, LogPosition position)
    {
        var holders = 0;
        foreach (var voter in voters)
            holders += find(voter)?.Disk.Holds(position) == true ? 1 : 0;
        return holders >= voters.Count / 2 + 1;
    }
}
