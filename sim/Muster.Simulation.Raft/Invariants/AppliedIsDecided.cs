using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>State machines apply what was decided, in order, each slot once: equal states at equal slots.</summary>
internal sealed class AppliedIsDecided : IRaftInvariant
{
    public void AfterApply(SimulatedMember member, LogEntry entry, Decided decided)
    {
        Law.Require(entry.Index <= decided.Last, this, () => $"{member.Id} applied {entry.Position}, which nobody has decided");
        Law.Require(
            member.Machine.Digest == decided.DigestAt(entry.Index), this,
            () => $"{member.Id} is in another state after {entry.Position} than what was decided leads to");
    }

    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided) => Law.Require(
        member.Machine.At.Index < decided.First || member.Machine.At.Index > decided.Last
        || member.Machine.Digest == decided.DigestAt(member.Machine.At.Index), this,
        () => $"{member.Id} stands at {member.Machine.At} in another state than what was decided leads to");
}
