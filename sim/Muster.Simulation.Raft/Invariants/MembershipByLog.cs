using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>By slot, all members are in the same membership.</summary>
internal sealed class MembershipByLog : IRaftInvariant
{
    private readonly Dictionary<LogIndex, Configuration> _inForce = [];
    private readonly Dictionary<MemberId, Configuration> _latest = [];

    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
        var before = _latest.GetValueOrDefault(member.Id);
        // A snapshot's membership is in force before the member has stored it and stands at its slot.
        if (ReferenceEquals(before, core.Configuration) || core.State.Log.Incoming is not null)
            return;
        _latest[member.Id] = core.Configuration;
        if (!_inForce.TryAdd(core.Applied, core.Configuration))
            Law.Require(
                _inForce[core.Applied].ToString() == core.Configuration.ToString(), this,
                () => $"{core.Id} is in {core.Configuration} at {core.Applied}, where another is in {_inForce[core.Applied]}");
    }
}
