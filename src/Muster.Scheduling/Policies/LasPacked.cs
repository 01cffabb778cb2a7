using Muster.Scheduling.Rounds;

namespace Muster.Scheduling.Policies;

/// <summary>Least attained service with space sharing: as <see cref="LasAware"/>, and pairs of jobs may share GPUs where both gain.</summary>
/// <remarks>Source: Narayanan et al., OSDI 2020, section 4.4.</remarks>
public sealed class LasPacked : PackedFairness
{
    /// <inheritdoc/>
    public override string Name => "max_min_fairness_packed";

    private protected override double Key(ScheduledJob job) => job.Weight;

    private protected override double Rate(AllocationRequest request, ScheduledJob job, int type) => LasAware.NormalizedRate(request, job, type);

    private protected override double Growth(ScheduledJob job) => 1;
}
