using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>Log matching (Raft, figure 3): logs that agree in one position agree in everything before it.</summary>
/// <remarks>
/// By induction it is enough that one position has one entry, and one position before it, in whatever log it stands: both are
/// recorded when first seen and compared ever after.
/// </remarks>
internal sealed class LogMatching : IRaftInvariant
{
    private readonly Dictionary<LogPosition, (Term Before, ulong Content)> _seen = [];

    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
        for (var index = LogIndex.Max(member.View.AddedFrom, core.Compacted.Index.Next()); index <= core.Last.Index; index = index.Next())
        {
            var entry = core.State.Log[index];
            var now = (core.TermAt(index.Previous()) ?? Term.None, StateMachine.Mix(0, entry));
            if (!_seen.TryAdd(entry.Position, now))
                Law.Require(
                    _seen[entry.Position] == now, this,
                    () => $"{core.Id} holds at {entry.Position} another entry, or one after another, than was seen there before");
        }
    }
}
