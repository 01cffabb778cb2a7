using Muster.Scheduling.Rounds;
using Muster.Scheduling.Solvers;

namespace Muster.Scheduling.Policies;

/// <summary>How an entity shares what it gets among its own jobs.</summary>
public enum WithinEntity
{
    /// <summary>Equally, by the jobs' weights.</summary>
    Fair,

    /// <summary>To the earliest job first.</summary>
    Fifo,
}

/// <summary>Hierarchical sharing: entities share the cluster by weight, and each shares its part as it wishes.</summary>
/// <remarks>
/// Water-filling: every entity rises by its weight, through its jobs; a job that can rise no more passes its part on within its entity.
/// Source: Narayanan et al., OSDI 2020, section 4.3.
/// </remarks>
/// <param name="within">How an entity shares among its jobs, where not said by name.</param>
/// <param name="weights">Weights by entity; 1 for those not named.</param>
/// <param name="withinOf">How named entities share.</param>
public sealed class Hierarchical(
    WithinEntity within = WithinEntity.Fair, IReadOnlyDictionary<string, double>? weights = null,
    IReadOnlyDictionary<string, WithinEntity>? withinOf = null) : Policy
{
    /// <inheritdoc/>
    public override string Name => within == WithinEntity.Fair ? "hierarchical" : "hierarchical_fifo";

    /// <inheritdoc/>
    public override bool KnowsTypes => true;

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        if (request.Jobs.Count == 0)
            return;
        var rows = new JobRows(request, aware: true, job => Rates(request, job));
        var problem = rows.Problem;
        var levels = new LinearLevels(new double[problem.Rows], new double[problem.Rows]);
        var entities = request.Jobs.Select((job, row) => (job.Source.Entity, row)).GroupBy(entry => entry.Entity, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => (group.Key, Rows: group.Select(entry => entry.row).ToArray())).ToArray();
        var solver = new MaxMinShares(problem);
        Divide(row => problem.Best[row] > 0, row => 0, 0);
        solver.Solve(levels, [], stepsMax: 2 * problem.Rows + 64, stepped => Divide(row => stepped.Rises[row], row => stepped.Before[row], stepped.From));
        rows.Spread(solver.Shares, shares);

        void Divide(Func<int, bool> rises, Func<int, double> before, double from)
        {
            foreach (var (name, members) in entities)
            {
                var rising = members.Where(rises).ToArray();
                var weight = weights is not null && weights.TryGetValue(name, out var given) ? given : 1;
                var sum = rising.Sum(row => request.Jobs[row].Weight);
                foreach (var row in members)
                {
                    levels.Growth[row] = !rises(row) ? 0
                        : Within(name) == WithinEntity.Fifo ? row == rising[0] ? weight : 0
                        : weight * request.Jobs[row].Weight / sum;
                    levels.Start[row] = before(row) - levels.Growth[row] * from;
                }
            }
        }
    }

    private WithinEntity Within(string entity) => withinOf is not null && withinOf.TryGetValue(entity, out var named) ? named : within;

    private static double[] Rates(AllocationRequest request, ScheduledJob job)
    {
        var even = LasAware.EvenShare(request, job);
        return [.. job.Throughput.Select(throughput => even > 0 ? throughput * job.Gpus / even : 0)];
    }
}
