using Muster.Jobs.Coordinator;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Specification;

namespace Muster.Jobs.Failures;

/// <summary>What a failure costs and how long the next start waits.</summary>
internal static class RestartBudget
{
    /// <summary>Whether the failures charged so far are more than the job may have.</summary>
    public static bool IsSpent(RestartSpecification restart, int charged) => charged > restart.Max;

    /// <summary>Pause before the next start, from the closing of the last generation on.</summary>
    /// <remarks>
    /// Charged failures: the shortest pause, doubling with each in a row, up to the longest; a shortest pause of zero makes the
    /// first restart immediate and doubles from one second on. A doubled pause keeps starts apart: the life of the generation
    /// that failed counts as part of it, down to the shortest pause. A failure after a long life begins a new row. Free closings: the first is immediate, later ones in a row without
    /// a step in between double from <see cref="CoordinatorLimits.FreePause"/> on.
    /// </remarks>
    public static TimeSpan Pause(RestartSpecification restart, StatusRecord status, CoordinatorLimits limits)
    {
        if (status.Restarts.IsEmpty)
            return TimeSpan.Zero;
        var last = status.Restarts[^1].Reason;
        if (last.Kind is ReasonKind.CheckpointDamaged or ReasonKind.RestoreFailed)
            return TimeSpan.Zero;                        // each passes over one checkpoint, so they come to an end
        if (!last.IsCharged)
            return Doubled(TimeSpan.Zero, limits.FreePause, restart.BackoffMax, status.FreeInARow);
        var pause = Doubled(restart.BackoffMin, TimeSpan.FromSeconds(1), restart.BackoffMax, status.FailuresInARow) - status.LastLived;
        return pause > restart.BackoffMin ? pause : restart.BackoffMin;
    }

    private static TimeSpan Doubled(TimeSpan first, TimeSpan unit, TimeSpan longest, int count)
    {
        if (count <= 0)
            return TimeSpan.Zero;
        var (pause, doublings) = first > TimeSpan.Zero ? (first, count - 1) : (unit, count - 2);
        if (doublings < 0)
            return TimeSpan.Zero;
        for (; doublings > 0 && pause < longest; doublings--)
            pause += pause;
        return pause < longest ? pause : longest;
    }
}
