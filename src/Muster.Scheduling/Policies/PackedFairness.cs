using Muster.Scheduling.Rounds;
using Muster.Scheduling.Solvers;

namespace Muster.Scheduling.Policies;

/// <summary>What the packed policies have in common: classes, the pairs worth having, and times spread over single jobs.</summary>
/// <remarks>
/// A pair that does no more together than in turns is left out: taking turns needs no more of anything. Source: Narayanan et al., OSDI 2020,
/// section 4.4.
/// </remarks>
public abstract class PackedFairness : Policy
{
    /// <inheritdoc/>
    public override bool KnowsTypes => true;

    /// <summary>Lowest level of the last allocation, the optimum of the linear program; 0 without jobs.</summary>
    public double Objective { get; private set; }

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        Objective = 0;
        var classes = new JobClasses(request, Key);
        if (classes.Rows == 0)
            return;
        var problem = classes.Problem(request, (job, type) => Rate(request, job, type));
        // A class that runs nowhere would hold everybody at zero.
        if (problem.Best.Contains(0))
        {
            Allocate(request with { Jobs = [.. request.Jobs.Where(job => job.FitsSomewhere(request.Cluster))] }, shares, request.Jobs);
            return;
        }

        var solver = new PackedShares(
            problem, [.. Enumerable.Range(0, classes.Rows).Select(row => (double)classes.Count(row))],
            [.. Enumerable.Range(0, classes.Rows).Select(row => Growth(classes.Example(row)))], [.. Choices(request, classes, problem)]);
        solver.Solve();
        Objective = solver.FirstHeight;
        new PackedSpread(classes, request.Cluster.Types).Apply(solver.Times, shares);
        shares.Fit(request);
    }

    /// <summary>What, beside its kind, sets a job apart from others.</summary>
    private protected abstract double Key(ScheduledJob job);

    /// <summary>What a whole share of a type alone brings a job.</summary>
    private protected abstract double Rate(AllocationRequest request, ScheduledJob job, int type);

    /// <summary>Level per height.</summary>
    private protected abstract double Growth(ScheduledJob job);

    private void Allocate(AllocationRequest fitting, Shares shares, IReadOnlyList<ScheduledJob> all)
    {
        var part = new Shares();
        part.Reset(fitting.Jobs.Count, fitting.Cluster.Types);
        Allocate(fitting, part);
        var rowOf = all.Select((job, row) => (job, row)).ToDictionary(entry => entry.job.Id, entry => entry.row);
        for (var row = 0; row < fitting.Jobs.Count; row++)
            part.Row(row).CopyTo(shares.Row(rowOf[fitting.Jobs[row].Id]));
        foreach (var (first, second, share) in part.Pairs)
            shares.Pairs.Add(new PairShare(rowOf[fitting.Jobs[first].Id], rowOf[fitting.Jobs[second].Id], share));
    }

    private static IEnumerable<PackedChoice> Choices(AllocationRequest request, JobClasses classes, SharingProblem problem)
    {
        for (var a = 0; a < classes.Rows; a++)
            for (var b = a; b < classes.Rows; b++)
            {
                var (first, second) = (classes.Example(a), classes.Example(b));
                if (first.Gpus != second.Gpus || (a == b && classes.Count(a) < 2))
                    continue;
                for (var type = 0; type < problem.Types; type++)
                    if (first.Gpus <= request.Cluster.Pools[type].Gpus && Packing.Worth(first.Kind, second.Kind, type) > 1 + 1e-9)
                        yield return new PackedChoice(
                            a, b, type,
                            problem.Rate[a * problem.Types + type] * first.Kind.Beside(second.Kind)![type] / first.Throughput[type],
                            problem.Rate[b * problem.Types + type] * second.Kind.Beside(first.Kind)![type] / second.Throughput[type]);
            }
    }
}
