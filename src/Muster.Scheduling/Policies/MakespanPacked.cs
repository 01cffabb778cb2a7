using Muster.Scheduling.Rounds;

namespace Muster.Scheduling.Policies;

/// <summary>Minimum makespan with space sharing: as <see cref="Makespan"/>, and pairs of jobs may share GPUs where both gain.</summary>
/// <remarks>Source: Narayanan et al., OSDI 2020, sections 4.2 and 4.4. <see cref="PackedFairness.Objective"/> is 1 / makespan.</remarks>
public sealed class MakespanPacked : PackedFairness
{
    /// <inheritdoc/>
    public override string Name => "min_total_duration_packed";

    private protected override double Key(ScheduledJob job) => job.Id;

    private protected override double Rate(AllocationRequest request, ScheduledJob job, int type) => job.Throughput[type];

    private protected override double Growth(ScheduledJob job) => Math.Max(job.StepsRemaining, 1e-9);
}
