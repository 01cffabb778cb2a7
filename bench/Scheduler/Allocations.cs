using Muster.Primitives;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Throughputs;
using Muster.Scheduling.Traces;

namespace Muster.Bench.Scheduler;

/// <summary>Single allocations: jobs of the generator's kinds, and jobs that all differ.</summary>
internal static class Allocations
{
    public static void Measure(ThroughputTable table, int rounds, Action<string, IReadOnlyList<double>> write)
    {
        var three = new ClusterShape([new("v100", 512), new("p100", 512), new("k80", 512)]);
        var six = new ClusterShape(table.Types.Select(type => new GpuPool(type, 8_000)));
        Las("LAS, 2,048 jobs × 3 types", Drawn(table.For(three), 2_048, 2), three, rounds * 5, write);
        Las("LAS, 2,048 jobs × 3 types, all different", Different(2_048, 3), three, rounds * 5, write);
        Las("LAS, 100,000 jobs × 6 types", Drawn(table.For(six), 100_000, 2), six, rounds, write);
        Las("LAS, 100,000 jobs × 6 types, all different", Different(100_000, 6), six, Math.Max(1, rounds / 2), write);
        var small = new ClusterShape([new("v100", 256), new("p100", 256), new("k80", 256)]);
        var packed = Drawn(table.For(small), 1_024, 2);
        write("packed LAS, 1,024 jobs × 3 types", Repeat(rounds, () => Allocate(new LasPacked(), small, packed)));
    }

    private static void Las(string what, List<ScheduledJob> jobs, ClusterShape cluster, int rounds, Action<string, IReadOnlyList<double>> write)
    {
        write(what + ", cold", Repeat(rounds, () => Allocate(new LasAware(), cluster, jobs)));
        var policy = new LasAware();
        Allocate(policy, cluster, jobs);
        var spare = jobs[^1];
        jobs.RemoveAt(jobs.Count - 1);
        var there = false;
        write(what + ", one job changed", Repeat(rounds, () =>
        {
            if (there)
                jobs.RemoveAt(jobs.Count - 1);
            else
                jobs.Add(spare);
            there = !there;
            Allocate(policy, cluster, jobs);
        }));
    }

    private static List<double> Repeat(int rounds, Action work)
    {
        for (var i = 0; i < Math.Min(rounds, 30); i++)
            work();
        return [.. Enumerable.Range(0, rounds).Select(_ => Clock.Wall(work))];
    }

    private static void Allocate(Policy policy, ClusterShape cluster, List<ScheduledJob> jobs)
    {
        var shares = new Shares();
        shares.Reset(jobs.Count, cluster.Types);
        policy.Allocate(new AllocationRequest(cluster, jobs, 0), shares);
    }

    private static List<ScheduledJob> Drawn(ThroughputTable table, int count, uint seed) =>
        [.. new TraceGenerator(new TraceOptions(seed, 1, true), table).Endless().Take(count).Select(job => new ScheduledJob(job, table.Require(job.Model, job.ScaleFactor)))];

    private static List<ScheduledJob> Different(int count, int types)
    {
        var random = new SeededRandom(7);
        return [.. Enumerable.Range(0, count).Select(id => new ScheduledJob(
            new TraceJob(id, 0, $"model {id}", 1, 1e6), new JobKind($"model {id}", 1, [.. Enumerable.Range(1, types).Select(type => type * (0.3 + random.NextDouble()))])))];
    }
}
