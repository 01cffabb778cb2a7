namespace Muster.Jobs.Views;

/// <summary>What phases mean.</summary>
public static class JobPhases
{
    /// <summary>Whether a job came to an end that only a person's "again" undoes.</summary>
    public static bool IsFinished(JobPhase phase) => phase is JobPhase.Completed or JobPhase.Failed or JobPhase.Cancelled;

    /// <summary>Whether nothing of a job runs or is to run until a person acts.</summary>
    public static bool IsSettled(JobPhase phase) => IsFinished(phase) || phase == JobPhase.Stopped;
}
