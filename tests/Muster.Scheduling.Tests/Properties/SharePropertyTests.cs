using Muster.Scheduling.Policies;

namespace Muster.Scheduling.Tests.Properties;

public class SharePropertyTests(ITestOutputHelper output)
{
    public static TheoryData<string> Policies => [.. PolicyCatalogue.All.Select(policy => policy.Name)];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Shares_are_parts_of_the_time_and_fit_the_cluster(string policy)
    {
        var pairs = 0;

        RandomQueue.ForEachCase(RandomQueue.Cases, random =>
        {
            var request = RandomQueue.Request(random);
            var shares = new Shares();
            shares.Reset(request.Jobs.Count, request.Cluster.Types);

            PolicyCatalogue.Create(policy, 1).Allocate(request, shares);

            pairs += shares.Pairs.Count;
            Check(request, shares, mayOvercommit: policy == "fifo");
        });

        output.WriteLine($"count: {policy}, {RandomQueue.Cases} queues, {pairs} pairs");
    }

    /// <summary>The published FIFO gives a type to more jobs than fit; every other policy keeps to the GPUs there are.</summary>
    private static void Check(AllocationRequest request, Shares shares, bool mayOvercommit)
    {
        var (used, time) = (new double[request.Cluster.Types], new double[request.Jobs.Count]);
        for (var job = 0; job < request.Jobs.Count; job++)
            for (var type = 0; type < request.Cluster.Types; type++)
                Add(job, type, shares.Row(job)[type], request.Jobs[job].Gpus);
        foreach (var (first, second, share) in shares.Pairs)
            for (var type = 0; type < request.Cluster.Types; type++)
            {
                Assert.True(first < second && request.Jobs[first].Gpus == request.Jobs[second].Gpus, $"pair {first}, {second}");
                Add(first, type, share[type], request.Jobs[first].Gpus);
                time[second] += share[type];
            }

        foreach (var sum in time)
            Assert.True(sum <= 1 + 1e-7, $"a job has {sum} of the time");
        for (var type = 0; type < used.Length && !mayOvercommit; type++)
            Assert.True(used[type] <= request.Cluster.Pools[type].Gpus * (1 + 1e-7), $"type {type}: {used[type]} of {request.Cluster.Pools[type].Gpus} GPUs");

        void Add(int job, int type, double share, int gpus)
        {
            Assert.True(share >= 0 && share <= 1 + 1e-9, $"job {job}, type {type}: share {share}");
            used[type] += share * gpus;
            time[job] += share;
        }
    }
}
