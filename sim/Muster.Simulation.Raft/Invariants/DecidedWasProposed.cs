using System.Buffers.Binary;
using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>Validity: nothing is applied that nobody proposed.</summary>
internal sealed class DecidedWasProposed : IRaftInvariant
{
    public void AfterApply(SimulatedMember member, LogEntry entry, Decided decided)
    {
        if (entry.Change is not null || entry.Data.IsEmpty)
            return;
        var number = BinaryPrimitives.ReadUInt64LittleEndian(entry.Data.Span);
        Law.Require(number >= 1 && number <= decided.LastProposal, this, () => $"{member.Id} applied {number}, which was never proposed");
    }
}
