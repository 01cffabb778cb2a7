using Muster.Primitives;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;

namespace Muster.Scheduling.Tests.Properties;

public class FairnessPropertyTests(ITestOutputHelper output)
{
    [Fact]
    public void No_shares_are_fairer_than_those_of_las_and_its_prices_prove_it()
    {
        var exact = 0;

        RandomQueue.ForEachCase(RandomQueue.Cases, random =>
        {
            var request = RandomQueue.Request(random, 14);
            var (policy, shares) = Solve(request);
            if (!double.IsFinite(policy.Objective))
                return;   // nobody runs anywhere

            var lowest = Levels(request, shares).Where(level => level.Best > 0).Min(level => level.Level);

            Assert.True(lowest >= policy.Objective * (1 - 1e-6), $"the lowest level is {lowest}, not {policy.Objective}");
            Assert.True(IsProved(request, policy, policy.Objective * (1 + 1e-6)), $"{policy.Objective} is not proved to be the optimum");
            exact++;
        });

        output.WriteLine($"count: {exact} allocations with a proof of optimality");
        Assert.True(exact > RandomQueue.Cases / 2);
    }

    [Fact]
    public void Another_job_never_lifts_the_lowest_and_more_gpus_never_sink_it()
    {
        RandomQueue.ForEachCase(RandomQueue.Cases, random =>
        {
            var cluster = RandomQueue.Cluster(random);
            var jobs = RandomQueue.Jobs(random, RandomQueue.Kinds(random, cluster, 4), 2 + random.Next(8));
            // Levels are parts of an even share, which more GPUs of a type would change; more of every type by one factor do not.
            var doubled = new ClusterShape(cluster.Pools.Select(pool => pool with { Gpus = pool.Gpus * 2 }));
            jobs.RemoveAll(job => !job.FitsSomewhere(cluster) || job.FitsSomewhere(doubled) && Enumerable.Range(0, cluster.Types).Any(type =>
                job.Gpus > cluster.Pools[type].Gpus && job.Gpus <= doubled.Pools[type].Gpus));
            if (jobs.Count < 2)
                return;

            var all = Solve(new AllocationRequest(cluster, jobs, 0)).Policy.Objective;
            var fewer = Solve(new AllocationRequest(cluster, jobs[1..], 0)).Policy.Objective;
            var larger = Solve(new AllocationRequest(doubled, jobs, 0)).Policy.Objective;

            Assert.True(all <= fewer * (1 + 1e-7), $"{all} with the job, {fewer} without");
            Assert.True(larger >= all * (1 - 1e-7), $"{larger} on twice the GPUs, {all} before");
        });
    }

    [Fact]
    public void Equal_jobs_get_equal_shares_and_units_of_steps_do_not_matter()
    {
        RandomQueue.ForEachCase(RandomQueue.Cases, random =>
        {
            var request = RandomQueue.Request(random);
            var factor = Math.Pow(10, random.Next(-4, 5));
            var scaled = request with
            {
                Jobs = [.. request.Jobs.Select(job => new ScheduledJob(
                    job.Source, new Throughputs.JobKind(job.Kind.Model, job.Gpus, [.. job.Throughput.Select(rate => rate * factor)])))],
            };

            var (policy, shares) = Solve(request);
            var other = Solve(scaled).Policy;

            Assert.True(policy.Objective == other.Objective || Math.Abs(policy.Objective / other.Objective - 1) < 1e-6);
            for (var a = 1; a < request.Jobs.Count; a++)
                if (request.Jobs[a].Kind == request.Jobs[a - 1].Kind && request.Jobs[a].Weight == request.Jobs[a - 1].Weight)
                    Assert.True(shares.Row(a).SequenceEqual(shares.Row(a - 1)));
        });
    }

    internal static (LasAware Policy, Shares Shares) Solve(AllocationRequest request)
    {
        var (policy, shares) = (new LasAware(), new Shares());
        shares.Reset(request.Jobs.Count, request.Cluster.Types);
        policy.Allocate(request, shares);
        return (policy, shares);
    }

    internal static IEnumerable<(double Level, double Best)> Levels(AllocationRequest request, Shares shares)
    {
        for (var row = 0; row < request.Jobs.Count; row++)
        {
            var (level, best) = (0.0, 0.0);
            for (var type = 0; type < request.Cluster.Types; type++)
            {
                var rate = Rate(request, request.Jobs[row], type);
                level += rate * shares.Row(row)[type];
                best = Math.Max(best, rate);
            }

            yield return (level, best);
        }
    }

    /// <summary>
    /// Weak duality, the naive way: at these prices of the types, giving everybody a level costs more than all GPUs are worth, so nobody
    /// can. Or somebody could not have that level with all GPUs of the cluster.
    /// </summary>
    private static bool IsProved(AllocationRequest request, LasAware policy, double level)
    {
        var cost = 0.0;
        foreach (var job in request.Jobs)
        {
            var cheapest = CheapestWay(request, job, policy.Prices, level);
            if (cheapest is null)
                return true;
            cost += cheapest.Value * job.Gpus;
        }

        return cost >= Enumerable.Range(0, request.Cluster.Types).Sum(type => policy.Prices[type] * request.Cluster.Pools[type].Gpus);
    }

    /// <summary>The least price of a level for one job: one type for a part of the time, or two types for all of it. Null: it has no way.</summary>
    private static double? CheapestWay(AllocationRequest request, ScheduledJob job, IReadOnlyList<double> prices, double level)
    {
        var types = Enumerable.Range(0, request.Cluster.Types).Where(type => Rate(request, job, type) > 0).ToArray();
        if (types.Length == 0)
            return 0;   // runs nowhere: nobody waits for it
        double? best = null;
        foreach (var a in types)
        {
            var fast = Rate(request, job, a);
            if (fast < level)
                continue;
            best = Math.Min(best ?? double.MaxValue, prices[a] * level / fast);
            foreach (var b in types)
                if (Rate(request, job, b) is var slow && slow < level)
                    best = Math.Min(best.Value, prices[b] + (prices[a] - prices[b]) * (level - slow) / (fast - slow));
        }

        return best;
    }

    private static double Rate(AllocationRequest request, ScheduledJob job, int type)
    {
        if (job.Gpus > request.Cluster.Pools[type].Gpus || job.Throughput[type] == 0)
            return 0;
        var even = Enumerable.Range(0, request.Cluster.Types).Sum(t => job.Throughput[t] * request.Cluster.Pools[t].Gpus) / request.Cluster.Gpus;
        return job.Throughput[type] * job.Gpus / (job.Weight * even);
    }
}
