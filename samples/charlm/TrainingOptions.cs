using Muster.Samples.Charlm.Training;

namespace Muster.Samples.Charlm;

/// <summary>What to train, on what, and for how long.</summary>
internal sealed record TrainingOptions
{
    /// <summary>Updates of the whole run.</summary>
    public long Steps { get; init; } = 2400;

    /// <summary>Windows per step, over all ranks.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Characters per window.</summary>
    public int Window { get; init; } = 64;

    /// <summary>Units of the network's memory; a multiple of 8.</summary>
    public int Hidden { get; init; } = 256;

    public ulong Seed { get; init; } = 1;

    public float LearningRate { get; init; } = 0.008f;

    /// <summary>Share of the states hidden from the matrices in training, in [0, 1).</summary>
    public float Dropout { get; init; } = 0.2f;

    public string CorpusPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "corpus.txt");

    /// <summary>Characters to write at the end.</summary>
    public int SampleLength { get; init; } = 700;

    public double Temperature { get; init; } = 0.4;

    /// <summary>Where rank 0 leaves the digest of the weights; null: it only prints it.</summary>
    public string? WeightsDigestPath { get; init; }

    /// <summary>A pause after every step, for tests that need time to interfere.</summary>
    public TimeSpan StepDelay { get; init; }

    /// <summary>Where each rank notes what it does; null: nowhere.</summary>
    public string? TraceDirectory { get; init; }

    /// <summary>Notes at which a rank waits until the test lets it go on: <c>phase</c> or <c>phase@step</c>.</summary>
    public IReadOnlyList<string> Holds { get; init; } = [];

    public Sabotage? Sabotage { get; init; }
}
