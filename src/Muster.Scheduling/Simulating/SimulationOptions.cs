using Muster.Scheduling.Rounds;

namespace Muster.Scheduling.Simulating;

/// <summary>What to wait for, and when to give up.</summary>
/// <param name="Mechanism">How rounds are made.</param>
/// <param name="ShuffleSeed">Seed of the order of types, for policies that do not know them.</param>
/// <param name="First">First job id of the window.</param>
/// <param name="Last">One past its last; null: every job of a finite workload.</param>
/// <param name="StuckRounds">Rounds without a step of any job up to the window's end, after which the run ends as stuck.</param>
/// <param name="LivePerGpuMax">Live jobs per GPU, still growing, at which the run ends as overloaded.</param>
/// <param name="RoundsMax">Rounds after which a run ends whatever it does.</param>
public sealed record SimulationOptions(
    MechanismOptions Mechanism, uint ShuffleSeed, int First = 0, int? Last = null, int StuckRounds = 50, int LivePerGpuMax = 50,
    long RoundsMax = 20_000_000)
{
    /// <summary>Rounds in a row without a step after which a job is given up.</summary>
    public const int FailuresMax = 5;

    /// <summary>Below so many live jobs no run counts as overloaded, however small the cluster.</summary>
    public const int LiveJobsMin = 1_000;
}
