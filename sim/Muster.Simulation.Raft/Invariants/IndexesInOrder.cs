using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>compacted ≤ snapshot ≤ applied ≤ committed ≤ last, and stored ≤ last.</summary>
internal sealed class IndexesInOrder : IRaftInvariant
{
    public void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
        var log = core.State.Log;
        var snapshot = core.State.LatestSnapshot?.Position.Index ?? LogIndex.None;
        var isRestoring = log.Incoming is not null;
        Law.Require(
            log.Base.Index <= snapshot && (isRestoring || snapshot <= log.Applied) && log.Applied <= log.Committed
            && log.Committed <= log.Last.Index && log.Stored <= log.HandedOut && log.HandedOut <= log.Last.Index, this,
            () => $"{core.Id}: compacted {log.Base.Index}, snapshot {snapshot}, applied {log.Applied}, committed {log.Committed}, "
                + $"stored {log.Stored}, handed out {log.HandedOut}, last {log.Last.Index}");
    }
}
