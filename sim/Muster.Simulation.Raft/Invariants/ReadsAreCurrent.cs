using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>A linearizable read is answered from a slot not before anything that a client was told of when it was asked.</summary>
internal sealed class ReadsAreCurrent
{
    private readonly Dictionary<ulong, LogIndex> _asked = [];

    public ulong Ask(Decided decided)
    {
        var context = (ulong)_asked.Count + 1;
        _asked[context] = decided.TellsOf;
        return context;
    }

    public void Granted(SimulatedMember member, ReadGrant grant)
    {
        // A message that was delivered twice may grant twice.
        if (_asked.TryGetValue(grant.Context, out var atLeast))
            Law.Require(
                grant.Index >= atLeast, this,
                () => $"{member.Id} answers a read at {grant.Index}, but a client already knew of {atLeast} when it was asked");
    }
}
