namespace Muster.Jobs.Reasons;

/// <summary>Why something was decided about a job.</summary>
public enum ReasonKind
{
    /// <summary>A person submitted the job.</summary>
    Submitted,

    /// <summary>A person resumed a stopped job.</summary>
    Resumed,

    /// <summary>A person runs a finished job again.</summary>
    Again,

    /// <summary>A generation was formed; its ranks are being started.</summary>
    Formed,

    /// <summary>Every rank was started.</summary>
    Started,

    /// <summary>A rank ended with another result than success, without having been asked to end.</summary>
    RankExited,

    /// <summary>A rank reported no step for longer than the job allows.</summary>
    RankHung,

    /// <summary>A rank did not join, or did not reach its first step, within the time the job allows.</summary>
    StartTimeout,

    /// <summary>A node cannot run the generation and said why.</summary>
    NodeRefused,

    /// <summary>A node ended ranks by itself (isolation, no agent).</summary>
    RankStoppedByNode,

    /// <summary>A keeper ended without being asked; its ranks ended with it.</summary>
    KeeperLost,

    /// <summary>A host's lease ended.</summary>
    NodeLost,

    /// <summary>A node no longer knows a generation that it had started.</summary>
    NodeForgot,

    /// <summary>A node knows a newer generation than the store: the store was restored from an older copy.</summary>
    Superseded,

    /// <summary>The bytes of the checkpoint to resume from do not match their digests.</summary>
    CheckpointDamaged,

    /// <summary>The program could not load a checkpoint whose bytes are good.</summary>
    RestoreFailed,

    /// <summary>A changed specification or program was accepted.</summary>
    SpecificationChanged,

    /// <summary>A person asked to stop.</summary>
    StopRequested,

    /// <summary>A person cancelled.</summary>
    CancelRequested,

    /// <summary>The job ran for as long as it may.</summary>
    RuntimeExceeded,

    /// <summary>A rank could not save its part of a checkpoint, so the checkpoint does not exist; the job goes on.</summary>
    NotSaved,

    /// <summary>Every rank exited with 0, and the checkpoint after the last step could not be saved: the result does not exist.</summary>
    ResultNotSaved,

    /// <summary>Every rank exited with 0.</summary>
    AllExitedWell,

    /// <summary>Every charged restart is used up.</summary>
    BudgetSpent,

    /// <summary>There are committed checkpoints and none can be restored.</summary>
    NothingRestores,

    /// <summary>No node, or not enough nodes, can take the gang now.</summary>
    NoRoom,

    /// <summary>Ranks of an older generation still run, or may still run.</summary>
    OlderStillRuns,

    /// <summary>The job waits before its next start after a failure.</summary>
    BackingOff,

    /// <summary>The job waits for more nodes than its minimum.</summary>
    Settling,

    /// <summary>A written checkpoint is being committed first.</summary>
    Committing,

    /// <summary>A node has not yet reported to this coordinator.</summary>
    NodeUnheard,

    /// <summary>The job ran undisturbed for long enough that earlier failures no longer count.</summary>
    BudgetReset,
}
