namespace Muster.Scheduling.Rounds;

/// <summary>How rounds are made.</summary>
/// <param name="RoundSeconds">Length of a round; a lease lasts one.</param>
/// <param name="ResetSecondsMin">Least time between two allocations; a request in between waits.</param>
/// <param name="GlobalQueue">Whether the best (job, type) of all types goes first, instead of type after type.</param>
/// <param name="KeepServersWhole">Whether a gang prefers one server over GPUs of several.</param>
public sealed record MechanismOptions(
    double RoundSeconds = 360, double ResetSecondsMin = 1920, bool GlobalQueue = false, bool KeepServersWhole = false)
{
    /// <summary>Shortest round, in seconds; shorter ones would be bookkeeping and nothing else.</summary>
    public const double RoundSecondsMin = 1;

    /// <summary>Longest round, in seconds: one week.</summary>
    public const double RoundSecondsMax = 604_800;

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="SchedulingInputException">A length out of range.</exception>
    public MechanismOptions Checked() =>
        RoundSeconds is >= RoundSecondsMin and <= RoundSecondsMax && ResetSecondsMin is >= 0 and <= RoundSecondsMax ? this
            : throw new SchedulingInputException($"a round of {RoundSeconds} s: choose {RoundSecondsMin} s to {RoundSecondsMax} s (a week)");
}
