using Muster.Scheduling.Rounds;

namespace Muster.Scheduling.Simulating;

/// <summary>What part of a run the time of the computer goes to.</summary>
public enum RunPhase
{
    /// <summary>Completions, arrivals, tables.</summary>
    Bookkeeping,

    /// <summary>The policy's allocation.</summary>
    Policy,

    /// <summary>Selection and placement.</summary>
    Placement,
}

/// <summary>Watches a run; it may look and must not touch.</summary>
public interface IRunObserver
{
    /// <summary>A round begins with these placements. The arrays of workers change with the next round: copy what should last.</summary>
    void RoundPlaced(double nowSeconds, IReadOnlyList<ScheduledJob> live, IReadOnlyList<PlacedJob> placed);

    /// <summary>The run goes over to another phase.</summary>
    void Entering(RunPhase phase);
}

/// <summary>A job on its GPUs for one round.</summary>
/// <param name="Job">The job.</param>
/// <param name="Type">Index of the GPU type.</param>
/// <param name="Workers">Ids of its GPUs.</param>
/// <param name="Beside">The job it shares them with; null: none.</param>
public readonly record struct PlacedJob(ScheduledJob Job, int Type, IReadOnlyList<int> Workers, ScheduledJob? Beside);
