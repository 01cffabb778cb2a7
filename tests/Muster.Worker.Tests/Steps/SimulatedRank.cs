using Muster.Worker.Steps;

namespace Muster.Worker.Tests.Steps;

internal enum Phase
{
    Start,
    Body,
    Save,
    End,
    Over,
}

/// <summary>One rank of a simulated world: a gate, and where its loop is.</summary>
internal sealed class SimulatedRank(int number, long every)
{
    public int Number => number;

    public StepGate Gate { get; } = new(every, 0);

    public Phase Phase { get; set; } = Phase.Start;

    /// <summary>Whether a wish waits to be read, and which: a newer one replaces it.</summary>
    public (bool Waits, CheckpointRequest? Request) Wish { get; set; }

    public Queue<Answer> Answers { get; } = new();

    public List<long> Saved { get; } = [];

    public long EndedAt { get; set; } = -1;
}
