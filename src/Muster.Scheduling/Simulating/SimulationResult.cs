namespace Muster.Scheduling.Simulating;

/// <summary>What became of one job.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Model">What it trained.</param>
/// <param name="ScaleFactor">Its GPUs.</param>
/// <param name="ArrivalSeconds">When it arrived.</param>
/// <param name="FirstPlacedSeconds">When it first ran; null: never.</param>
/// <param name="CompletionSeconds">When it was complete; null: it was not when the run ended, or it was given up.</param>
/// <param name="StepsRun">Steps credited.</param>
/// <param name="RunSeconds">Seconds it ran, on any type.</param>
/// <param name="GaveUp">Whether it was given up after rounds without a step.</param>
/// <param name="DeadlineSeconds">Seconds after arrival by which it should have been done.</param>
/// <param name="Entity">Who it belongs to.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="IsolatedSeconds">Run time alone on the fastest type of the cluster that it fits.</param>
public sealed record JobOutcome(
    int Id, string Model, int ScaleFactor, double ArrivalSeconds, double? FirstPlacedSeconds, double? CompletionSeconds, double StepsRun,
    double RunSeconds, bool GaveUp, double? DeadlineSeconds, string Entity, double Weight, double IsolatedSeconds)
{
    /// <summary>Completion − arrival; null where it did not complete.</summary>
    public double? JctSeconds => CompletionSeconds - ArrivalSeconds;
}

/// <summary>What a run showed.</summary>
/// <param name="Policy">The policy's name.</param>
/// <param name="Jobs">Every job that arrived, in the order of arrival.</param>
/// <param name="First">First id of the window.</param>
/// <param name="Last">One past its last.</param>
/// <param name="Utilization">Busy time over the whole run, mean over GPUs, in [0, 1].</param>
/// <param name="Rounds">Rounds made.</param>
/// <param name="EndSeconds">When the run ended.</param>
/// <param name="Allocations">How often the policy was asked.</param>
/// <param name="LeaseExtensions">Of the placements of a round, those kept in the next, in [0, 1].</param>
/// <param name="Verdict">How it ended.</param>
public sealed record SimulationResult(
    string Policy, IReadOnlyList<JobOutcome> Jobs, int First, int Last, double Utilization, long Rounds, double EndSeconds,
    long Allocations, double LeaseExtensions, Verdict Verdict)
{
    /// <summary>The jobs of the window.</summary>
    public IEnumerable<JobOutcome> Window => Jobs.Where(job => job.Id >= First && job.Id < Last);

    /// <summary>Mean time from arrival to completion over the window's completed jobs; null where none completed.</summary>
    /// <remarks>A run that did not finish has no honest mean of its window: look at <see cref="Unfinished"/> beside it.</remarks>
    public double? AverageJctSeconds
    {
        get
        {
            var (sum, count) = (0.0, 0);
            foreach (var job in Window)
                if (job.JctSeconds is { } jct)
                    (sum, count) = (sum + jct, count + 1);
            return count == 0 ? null : sum / count;
        }
    }

    /// <summary>Jobs of the window without a completion: they are in no average.</summary>
    public int Unfinished => Last - First - Window.Count(job => job.CompletionSeconds is not null);

    /// <summary>When the last job of the window was complete; null where one is missing.</summary>
    public double? LastCompletionSeconds => Unfinished > 0 ? null : Window.Max(job => job.CompletionSeconds);
}
