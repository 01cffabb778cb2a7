using Muster.Primitives;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;

namespace Muster.Scheduling.Tests.Properties;

public class RoundPropertyTests(ITestOutputHelper output)
{
    private static readonly string[] s_policies = ["fifo", "fifo_perf", "las", "las_perf", "las_packed", "sjf", "gandiva", "isolated"];

    [Fact]
    public void A_gang_is_whole_or_absent_and_no_gpu_serves_two_units()
    {
        var (rounds, placed) = (0, 0);

        RandomQueue.ForEachCase(RandomQueue.Cases, random =>
        {
            var request = RandomQueue.Request(random);
            var mechanism = New(random, request);
            for (var round = 0; round < 3; round++, rounds++)
            {
                mechanism.Reallocate(round * 360);
                mechanism.NextRound();
                var (gpus, jobs) = (new HashSet<int>(), new HashSet<int>());
                foreach (var unit in mechanism.Placed)
                {
                    placed++;
                    Assert.Equal(unit.First.Gpus, unit.Workers.Length);
                    Assert.True(unit.Runs(unit.Type), "placed where it cannot run");
                    foreach (var worker in unit.Workers)
                    {
                        Assert.True(gpus.Add(worker), $"GPU {worker} serves two units");
                        Assert.InRange(worker, request.Cluster.FirstWorker[unit.Type], request.Cluster.FirstWorker[unit.Type + 1] - 1);
                    }

                    Assert.True(jobs.Add(unit.First.Id) && (unit.Second is null || jobs.Add(unit.Second.Id)), "a job runs twice");
                    mechanism.Credit(unit, unit.Type, 360);
                }
            }
        });

        output.WriteLine($"count: {rounds} rounds, {placed} placements");
    }

    [Fact]
    public void A_job_whose_turn_continues_keeps_its_gpus()
    {
        RandomQueue.ForEachCase(RandomQueue.Cases / 4, random =>
        {
            var cluster = RandomQueue.Cluster(random);
            var jobs = RandomQueue.Jobs(random, RandomQueue.Kinds(random, cluster, 3), 1 + random.Next(4));
            if (jobs.Sum(job => job.Gpus) > cluster.Pools.Min(pool => pool.Gpus))
                return;
            var mechanism = New(random, new AllocationRequest(cluster, jobs, 0), "fifo_perf");
            mechanism.Reallocate(0);
            mechanism.NextRound();
            var first = mechanism.Placed.ToDictionary(unit => unit.First.Id, unit => unit.Workers.ToArray());

            mechanism.NextRound();

            foreach (var unit in mechanism.Placed)
                Assert.Equal(first[unit.First.Id], unit.Workers);
        });
    }

    [Fact]
    public void Time_received_approaches_the_share_and_nobody_starves()
    {
        const int rounds = 400;
        var worst = 0.0;

        RandomQueue.ForEachCase(RandomQueue.Cases / 100, random =>
        {
            var cluster = RandomQueue.Cluster(random);
            var kinds = RandomQueue.Kinds(random, cluster, 4).Where(kind => kind.ScaleFactor == 1).ToList();
            if (kinds.Count == 0)
                return;
            var jobs = RandomQueue.Jobs(random, kinds, 6);
            Shares? shares = null;
            var mechanism = New(random, new AllocationRequest(cluster, jobs, 0), "las_perf", given => shares = given);
            mechanism.Reallocate(0);
            for (var round = 0; round < rounds; round++)
            {
                mechanism.NextRound();
                foreach (var unit in mechanism.Placed)
                    mechanism.Credit(unit, unit.Type, 360);
            }

            // On which type does not matter here: free GPUs also go to those whose share lies elsewhere.
            for (var row = 0; row < jobs.Count; row++)
            {
                var (received, share) = (0.0, 0.0);
                for (var type = 0; type < cluster.Types; type++)
                {
                    received += (jobs[row].Alone.Received[type] - 180) / (rounds * 360.0);
                    share += shares!.Row(row)[type];
                }

                worst = Math.Max(worst, share - received);
            }
        });

        output.WriteLine($"count: {RandomQueue.Cases / 100} queues of {rounds} rounds; the largest share missed by {worst:P1}");
        Assert.True(worst < 0.25, $"a share was missed by {worst:P1}");
    }

    private static RoundMechanism New(SeededRandom random, AllocationRequest request, string? policy = null, Action<Shares>? watch = null)
    {
        var mechanism = new RoundMechanism(
            request.Cluster, PolicyCatalogue.Create(policy ?? s_policies[random.Next(s_policies.Length)], 1), [.. Enumerable.Range(0, request.Cluster.Types)], 5,
            new MechanismOptions(KeepServersWhole: random.Chance(0.3)))
        {
            SharesWatch = (_, shares) => watch?.Invoke(shares),
        };
        foreach (var job in request.Jobs)
            mechanism.Add(job);
        return mechanism;
    }
}
