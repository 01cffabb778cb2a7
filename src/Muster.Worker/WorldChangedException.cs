namespace Muster.Worker;

/// <summary>The checkpoint was written by another number of ranks than run now, so this rank has no files of its own in it.</summary>
public sealed class WorldChangedException : Exception
{
    internal WorldChangedException(long step, int savedBy, int now)
        : base($"The checkpoint of step {step} was saved by {savedBy} ranks and {now} run now, so none of its directories is this rank's. "
            + "Read every rank's files through Shards(), or set TrainingRunOptions.ReplicatedShards if all ranks save the same state.")
    {
        (Step, SavedWorldSize, WorldSize) = (step, savedBy, now);
    }

    /// <summary>The checkpoint's step.</summary>
    public long Step { get; }

    /// <summary>Ranks that saved it.</summary>
    public int SavedWorldSize { get; }

    /// <summary>Ranks that run now.</summary>
    public int WorldSize { get; }
}
