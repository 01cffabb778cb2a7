namespace Muster.Raft;

/// <summary>What a leader knows of one member.</summary>
/// <param name="Member">That member.</param>
/// <param name="IsLearner">It receives entries and is not counted.</param>
/// <param name="Phase">How it is sent to.</param>
/// <param name="Match">Agrees durably up to here.</param>
/// <param name="Next">The first slot to be sent.</param>
/// <param name="IsPaused">Nothing is sent until something is heard.</param>
/// <param name="PendingSnapshot">The snapshot on its way; 0 when none is.</param>
/// <param name="IsActive">Heard from since the quorum was last checked.</param>
/// <param name="Inflight">Appends on their way.</param>
/// <param name="IsWindowFull">No more may be on their way.</param>
public sealed record MemberStatus(
    MemberId Member, bool IsLearner, ReplicationPhase Phase, LogIndex Match, LogIndex Next, bool IsPaused,
    LogIndex PendingSnapshot, bool IsActive, int Inflight, bool IsWindowFull)
{
    internal static MemberStatus Of(MemberProgress progress) => new(
        progress.Member, progress.IsLearner, progress.Phase, progress.Match, progress.Next, progress.IsPaused,
        progress.PendingSnapshot, progress.WasActive, progress.Window.Count, progress.Window.IsFull);
}
