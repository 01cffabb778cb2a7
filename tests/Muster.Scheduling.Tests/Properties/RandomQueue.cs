using Muster.Primitives;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Throughputs;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Tests.Properties;

/// <summary>Random clusters and queues, the nasty ones included: zeros, one type, equal rows, ratios of a billion.</summary>
internal static class RandomQueue
{
    public static readonly int Cases = 20_000 * (int.TryParse(Environment.GetEnvironmentVariable("MUSTER_SCALE"), out var scale) ? scale : 1);

    public static readonly ulong SeedBase = ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    private static readonly string[] s_types = ["a", "b", "c", "d", "e"];

    /// <summary>Runs a claim over seeded cases; a failure names the seed that shows it.</summary>
    public static void ForEachCase(int cases, Action<SeededRandom> claim)
    {
        for (var i = 0; i < cases; i++)
        {
            var seed = SeedBase * 1_000_003 + (ulong)i;
            try
            {
                claim(new SeededRandom(seed));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"case {i} (seed {seed}; MUSTER_SEED={SeedBase} replays it): {e.Message}", e);
            }
        }
    }

    public static AllocationRequest Request(SeededRandom random, int jobsMax = 10)
    {
        var cluster = Cluster(random);
        var kinds = Kinds(random, cluster, 1 + random.Next(6));
        return new AllocationRequest(cluster, Jobs(random, kinds, 1 + random.Next(jobsMax)), random.Next(100_000));
    }

    public static ClusterShape Cluster(SeededRandom random) =>
        new(s_types.Take(1 + random.Next(5)).Select(type => new GpuPool(type, 1 + random.Next(random.Chance(0.3) ? 40 : 8))));

    public static List<JobKind> Kinds(SeededRandom random, ClusterShape cluster, int count)
    {
        var mode = random.Next(6);
        var kinds = new List<JobKind>();
        for (var i = 0; i < count; i++)
        {
            var gpus = random.Chance(0.7) ? 1 : 1 << random.Next(4);
            var rates = new double[cluster.Types];
            for (var type = 0; type < rates.Length; type++)
                rates[type] = mode switch
                {
                    0 => random.Chance(0.4) ? 0 : 0.1 + 10 * random.NextDouble(),
                    1 => 1,
                    2 => Math.Pow(10, random.Next(10)),
                    3 => type == 0 ? 5 : 0,
                    4 => 1 + random.Next(3),
                    _ => 0.01 + 10 * random.NextDouble(),
                };
            kinds.Add(new JobKind($"model {i}", gpus, rates));
        }

        foreach (var a in kinds)
            foreach (var b in kinds)
                if (a.ScaleFactor == b.ScaleFactor)
                    for (var type = 0; type < cluster.Types; type++)
                        a.SetBeside(b, type, cluster.Types, random.Chance(0.2) ? 0 : a.Isolated[type] * random.NextDouble());
        return kinds;
    }

    public static List<ScheduledJob> Jobs(SeededRandom random, List<JobKind> kinds, int count)
    {
        var jobs = new List<ScheduledJob>();
        for (var id = 0; id < count; id++)
        {
            var kind = random.Pick(kinds);
            jobs.Add(new ScheduledJob(
                new TraceJob(
                    id, 0, kind.Model, kind.ScaleFactor, 1 + 1e6 * random.NextDouble(), 0, random.Chance(0.8) ? 1 : 1 + random.Next(5),
                    random.Chance(0.2) ? 1 + 1e5 * random.NextDouble() : null, $"entity {random.Next(3)}"),
                kind));
        }

        return jobs;
    }
}
