namespace Muster.Worker.Checkpoints;

/// <summary>The directory of a checkpoint that was begun, or why there will be none although training may go on.</summary>
internal readonly record struct Begun(string? Directory, string? Trouble);

/// <summary>Where checkpoints live: with the keeper, or, alone, in a directory of our own.</summary>
internal interface ICheckpointHome
{
    /// <summary>A new, empty directory for this rank's files of a step. Waits as long as it must.</summary>
    Begun Begin(long step, bool background);

    /// <summary>The files are complete.</summary>
    /// <returns>Null, or why the checkpoint does not exist although training may go on (the disk is full).</returns>
    string? Complete(long step, bool background);

    /// <summary>The save failed: the directory is given up.</summary>
    void GiveUp(long step);

    /// <summary>Every rank's files of the checkpoint to resume from; empty when there is none.</summary>
    IReadOnlyList<ShardDirectory> Shards();
}
