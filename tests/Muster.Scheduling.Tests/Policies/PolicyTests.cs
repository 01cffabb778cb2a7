using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Throughputs;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Tests.Policies;

/// <summary>Queues small enough to work out by hand.</summary>
public class PolicyTests
{
    private static readonly ClusterShape s_two = ClusterShape.Parse("fast:1,slow:1");

    [Fact]
    public void Whoever_gains_most_from_the_fast_type_gets_most_of_it()
    {
        var shares = Allocate("las_perf", s_two, Job(0, [10, 1]), Job(1, [2, 2]));

        Assert.True(shares.Row(0)[0] > 0.9);
        Assert.True(shares.Row(1)[1] > 0.9);
    }

    [Fact]
    public void A_weight_of_two_is_twice_the_time()
    {
        var shares = Allocate("las", ClusterShape.Parse("fast:1"), Job(0, [1], weight: 2), Job(1, [1]));

        Assert.Equal(2.0 / 3, shares.Row(0)[0], 1e-12);
        Assert.Equal(1.0 / 3, shares.Row(1)[0], 1e-12);
    }

    [Fact]
    public void Who_can_rise_no_more_leaves_the_rest_to_the_others()
    {
        // Three jobs on two GPUs of one type: none can have more than one of them.
        var shares = Allocate("las_perf", ClusterShape.Parse("fast:2"), Job(0, [1], weight: 9), Job(1, [1]), Job(2, [1]));

        Assert.Equal(1, shares.Row(0)[0], 1e-9);
        Assert.Equal(0.5, shares.Row(1)[0], 1e-9);
        Assert.Equal(0.5, shares.Row(2)[0], 1e-9);
    }

    [Fact]
    public void The_makespan_is_the_time_of_the_last_job_when_all_share()
    {
        var policy = new Makespan(true);
        var shares = new Shares();
        shares.Reset(2, 1);

        policy.Allocate(new AllocationRequest(ClusterShape.Parse("fast:1"), [Job(0, [1], steps: 300), Job(1, [1], steps: 100)], 0), shares);

        Assert.Equal(400, policy.Seconds, 1e-6);
        Assert.Equal(0.75, shares.Row(0)[0], 1e-9);
    }

    [Fact]
    public void Finish_time_ratios_of_equal_jobs_are_one_on_their_part_of_the_cluster()
    {
        var policy = new FinishTimeFairness(true);
        var shares = new Shares();
        shares.Reset(2, 1);

        policy.Allocate(new AllocationRequest(ClusterShape.Parse("fast:1"), [Job(0, [1], steps: 100), Job(1, [1], steps: 100)], 0), shares);

        Assert.Equal(1, policy.Ratio, 1e-6);
        Assert.Equal(0.5, shares.Row(0)[0], 1e-6);
    }

    [Fact]
    public void Fifo_without_awareness_takes_the_alphabetically_last_type_first()
    {
        var shares = Allocate("fifo", s_two, Job(0, [10, 1]));

        Assert.Equal(1, shares.Row(0)[1]);
    }

    [Fact]
    public void Fifo_with_awareness_stops_at_the_first_job_that_fits_nowhere()
    {
        var shares = Allocate("fifo_perf", s_two, Job(0, [2, 1]), Job(1, [2, 1], gpus: 2), Job(2, [2, 1]));

        Assert.Equal(1, shares.Row(0)[0]);
        Assert.Equal(0, shares.Row(1)[0] + shares.Row(1)[1] + shares.Row(2)[0] + shares.Row(2)[1]);
    }

    [Fact]
    public void The_shortest_job_goes_first()
    {
        var shares = Allocate("sjf", ClusterShape.Parse("fast:1"), Job(0, [1], steps: 500), Job(1, [1], steps: 5));

        Assert.Equal([0.0, 1.0], [shares.Row(0)[0], shares.Row(1)[0]]);
    }

    [Fact]
    public void Entities_share_by_weight_and_each_as_it_wishes()
    {
        var jobs = new[] { Job(0, [1], entity: "a"), Job(1, [1], entity: "a"), Job(2, [1], entity: "b") };

        var fair = Allocate(new Hierarchical(), ClusterShape.Parse("fast:1"), jobs);
        var fifo = Allocate(new Hierarchical(WithinEntity.Fifo), ClusterShape.Parse("fast:1"), jobs);

        Assert.Equal([0.25, 0.25, 0.5], Enumerable.Range(0, 3).Select(row => Math.Round(fair.Row(row)[0], 6)));
        Assert.Equal([0.5, 0, 0.5], Enumerable.Range(0, 3).Select(row => Math.Round(fifo.Row(row)[0], 6)));
    }

    [Fact]
    public void A_deadline_is_met_before_cost_is_looked_at()
    {
        // The dear type alone is fast enough for the deadline.
        var policy = new MinCost(new Dictionary<string, double> { ["fast"] = 100, ["slow"] = 1 });
        var job = Job(0, [10, 1], steps: 1000, deadline: 101);

        var shares = Allocate(policy, s_two, job);

        Assert.True(10 * shares.Row(0)[0] + shares.Row(0)[1] >= 1000 / 101.0 * (1 - 1e-6));
    }

    [Fact]
    public void Two_jobs_that_do_not_slow_each_other_share_one_gpu()
    {
        var kind = new JobKind("small", 1, [10]);
        kind.SetBeside(kind, 0, 1, 9.5);
        var jobs = Enumerable.Range(0, 2).Select(id => new ScheduledJob(new TraceJob(id, 0, "small", 1, 100), kind)).ToArray();

        var shares = Allocate("las_packed", ClusterShape.Parse("fast:1"), jobs);

        var pair = Assert.Single(shares.Pairs);
        Assert.Equal(1, pair.Share[0], 1e-6);
    }

    [Fact]
    public void Allox_runs_the_short_job_first_on_the_type_where_that_costs_least()
    {
        var shares = Allocate("allox", s_two, Job(0, [10, 10], steps: 1000), Job(1, [10, 1], steps: 10));

        Assert.Equal(1, shares.Row(0)[1]);
        Assert.Equal(1, shares.Row(1)[0]);
    }

    private static Shares Allocate(string policy, ClusterShape cluster, params ScheduledJob[] jobs) => Allocate(PolicyCatalogue.Create(policy, 0), cluster, jobs);

    private static Shares Allocate(Policy policy, ClusterShape cluster, params ScheduledJob[] jobs)
    {
        var shares = new Shares();
        shares.Reset(jobs.Length, cluster.Types);
        policy.Allocate(new AllocationRequest(cluster, jobs, 0), shares);
        return shares;
    }

    private static ScheduledJob Job(
        int id, double[] rates, int gpus = 1, double weight = 1, double steps = 1000, double? deadline = null, string entity = "") =>
        new(new TraceJob(id, 0, $"model {id}", gpus, steps, 0, weight, deadline, entity), new JobKind($"model {id}", gpus, rates));
}
