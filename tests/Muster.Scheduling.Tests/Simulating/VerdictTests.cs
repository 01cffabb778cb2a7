using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Simulating;
using Muster.Scheduling.Throughputs;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Tests.Simulating;

public class VerdictTests
{
    private static readonly ThroughputTable s_table = BuiltInThroughputs.Create();

    [Theory]
    [InlineData("fifo")]
    [InlineData("las")]
    [InlineData("las_perf")]
    [InlineData("las_packed")]
    [InlineData("allox")]
    public void A_job_that_fits_nowhere_ends_the_run_as_stuck_and_is_named(string policy)
    {
        var jobs = new[] { Job(0, 0, 1, 1000), Job(1, 100, 8, 1000), Job(2, 200, 1, 1000) };

        var result = Run(policy, "v100:4", jobs);

        var stuck = Assert.IsType<Verdict.Stuck>(result.Verdict);
        Assert.Contains("job 1", stuck.Reason);
        Assert.Contains("v100:4", stuck.Reason);
        Assert.Null(result.Jobs[1].CompletionSeconds);
        Assert.True(result.Unfinished >= 1);
    }

    [Fact]
    public void A_stream_of_more_work_than_the_cluster_does_ends_as_overloaded()
    {
        var workload = new TraceGenerator(new TraceOptions(1, 400, false), s_table).Endless();

        var result = new Simulator(
            ClusterShape.Parse("v100:2"), s_table, PolicyCatalogue.Create("las", 0), workload,
            new SimulationOptions(new MechanismOptions(), 5, 0, 3_000)).Run();

        Assert.IsType<Verdict.Overloaded>(result.Verdict);
        Assert.True(result.Unfinished > 0);
    }

    [Fact]
    public void A_finished_run_has_every_jct_and_no_gaps()
    {
        var result = Run("las_perf", "v100:2,k80:2", [.. Enumerable.Range(0, 20).Select(id => Job(id, id * 500, 1, 5_000))]);

        Assert.IsType<Verdict.Finished>(result.Verdict);
        Assert.Equal(0, result.Unfinished);
        Assert.All(result.Jobs, job => Assert.True(job.JctSeconds > 0 && job.StepsRun >= 5_000 - 1e-6));
        Assert.InRange(result.Utilization, 0.01, 1);
    }

    [Fact]
    public void Equal_runs_give_equal_results()
    {
        foreach (var (name, _) in PolicyCatalogue.All)
        {
            var first = Play();
            var second = Play();

            Assert.Equal(first.Jobs, second.Jobs);

            SimulationResult Play() => new Simulator(
                ClusterShape.Parse("v100:4,p100:4"), s_table, PolicyCatalogue.Create(name, 3),
                new TraceGenerator(new TraceOptions(3, 1, false), s_table).Endless().Take(12), new SimulationOptions(new MechanismOptions(), 8)).Run();
        }
    }

    [Theory]
    [InlineData("fifo", 262278.1142436428, 6655)]
    [InlineData("fifo_perf", 194552.06033094975, 2402)]
    [InlineData("las", 861135.6613109541, 18756)]
    [InlineData("las_perf", 514860.9665527522, 9369)]
    public void Recorded_runs_of_our_own_are_played_again(string policy, double average, long rounds)
    {
        var result = new Simulator(
            ClusterShape.Parse("v100:4,p100:2,k80:4"), s_table, PolicyCatalogue.Create(policy, 11),
            new TraceGenerator(new TraceOptions(11, 0.5, false), s_table).Endless(), new SimulationOptions(new MechanismOptions(), 16, 0, 30)).Run();

        // Shares that a solver found may differ in the last bits between processors; what is drawn and counted may not.
        Assert.Equal(average, result.AverageJctSeconds!.Value, policy == "las_perf" ? average * 1e-3 : average * 1e-12);
        Assert.InRange(result.Rounds, rounds * 0.999, rounds * 1.001);
    }

    [Fact]
    public void A_job_done_within_one_round_ends_at_its_own_finish()
    {
        var rate = s_table.For(ClusterShape.Parse("v100:1")).Require("A3C", 1).Isolated[0];

        var result = Run("fifo_perf", "v100:1", [Job(0, 0, 1, 10) with { Model = "A3C" }]);

        Assert.Equal(10 / rate, result.Jobs[0].JctSeconds!.Value, 1e-9);
    }

    private static SimulationResult Run(string policy, string cluster, TraceJob[] jobs) => new Simulator(
        ClusterShape.Parse(cluster), s_table, PolicyCatalogue.Create(policy, 0), jobs, new SimulationOptions(new MechanismOptions(), 5)).Run();

    private static TraceJob Job(int id, double arrival, int gpus, double steps) => new(id, arrival, "ResNet-18 (batch size 64)", gpus, steps);
}
