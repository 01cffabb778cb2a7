namespace Muster.Worker;

/// <summary>How a program takes part in a run. Every member has a default that fits most programs.</summary>
public sealed record TrainingRunOptions
{
    /// <summary>
    /// All ranks save the same state (plain data parallelism), so that with another world size rank 0's files serve every rank.
    /// Default: false, and <see cref="TrainingRun.Restore"/> throws <see cref="WorldChangedException"/> then.
    /// </summary>
    public bool ReplicatedShards { get; init; }

    /// <summary>How long joining tries to reach the keeper. Default: one minute. Once reached, its answer is awaited without limit.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Alone only: where checkpoints are kept. Default: <c>checkpoints</c> in the working directory.</summary>
    public string AloneDirectory { get; init; } = "checkpoints";

    /// <summary>Alone only: steps between checkpoints; 0: only after the last one. Default: 100. Under Muster the job file says it.</summary>
    public long AloneEvery { get; init; } = 100;

    /// <summary>Alone only: newest checkpoints kept, at least 1. Default: 3.</summary>
    public int AloneKeep { get; init; } = 3;
}
