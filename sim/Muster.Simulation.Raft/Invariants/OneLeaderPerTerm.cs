using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>Election safety (Raft, figure 3): at most one leader in each term.</summary>
internal sealed class OneLeaderPerTerm : IRaftInvariant
{
    private readonly SortedDictionary<Term, MemberId> _leaders = [];

    /// <summary>Who led in each term.</summary>
    public IReadOnlyDictionary<Term, MemberId> Leaders => _leaders;

    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
        if (core.Role != Role.Leader || (member.View.RoleBefore == Role.Leader && member.View.TermBefore == core.Term))
            return;
        if (!_leaders.TryAdd(core.Term, core.Id))
            Law.Require(_leaders[core.Term] == core.Id, this, () => $"{_leaders[core.Term]} and {core.Id} both led in term {core.Term}");
    }
}
