using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Simulating;
using Muster.Scheduling.Tests.Reference;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Tests.Simulating;

/// <summary>The runs of paper size that a reader of the literature knows: 36 GPUs of each of three types, averages over jobs 4000 to 4999.</summary>
public class PaperNumberTests(ITestOutputHelper output)
{
    private static readonly ClusterShape s_cluster = ClusterShape.Parse("v100:36,p100:36,k80:36");

    [Fact]
    public void Fifo_averages_of_paper_size_are_those_of_the_independent_implementation()
    {
        ReferenceData.SkipIfAbsent();
        var count = 0;

        foreach (var check in ReferenceData.Json("oracle", "paper_scale_checks.json").GetProperty("runs").EnumerateArray())
        {
            var policy = check.GetProperty("policy").GetString()!;
            if (!policy.StartsWith("fifo", StringComparison.Ordinal))
                continue;
            var (multi, rate, seed) = (check.GetProperty("multi_gpu").GetBoolean(), check.GetProperty("jobs_per_hour").GetDouble(), check.GetProperty("seed").GetUInt32());
            var result = Run(policy, multi, rate, seed, seed);

            Assert.IsType<Verdict.Finished>(result.Verdict);
            Assert.Equal(check.GetProperty("avg_jct_h").GetDouble(), result.AverageJctSeconds!.Value / 3600, 1e-9);
            Assert.Equal(check.GetProperty("utilization").GetDouble(), result.Utilization, 1e-9);
            Assert.Equal(check.GetProperty("jobs_dropped").GetInt32(), result.Jobs.Count(job => job.GaveUp));
            count++;
        }

        output.WriteLine($"count: {count} runs of paper size");
    }

    [Fact]
    public void Fifo_depends_on_its_private_seed_and_the_spread_is_the_recorded_one()
    {
        ReferenceData.SkipIfAbsent();

        foreach (var recorded in ReferenceData.Json("oracle", "fifo_policy_seed_sensitivity.json").GetProperty("avg_jct_h").EnumerateObject())
        {
            var result = Run("fifo", true, 1.5, 0, uint.Parse(recorded.Name, System.Globalization.CultureInfo.InvariantCulture));

            output.WriteLine($"private seed {recorded.Name}: {result.AverageJctSeconds / 3600:F2} h");
            Assert.Equal(recorded.Value.GetDouble(), result.AverageJctSeconds!.Value / 3600, 1e-9);
        }
    }

    [Theory]
    [InlineData(false, 1.6, 17.48)]
    [InlineData(true, 1.5, 17.65)]
    [InlineData(true, 2.5, 30.9963)]
    public void Aware_las_is_at_most_one_percent_above_what_the_literature_gives(bool multi, double rate, double hours)
    {
        ReferenceData.SkipIfAbsent();

        var result = Run("las_perf", multi, rate, 0, 0);

        output.WriteLine($"{rate}/h: {result.AverageJctSeconds / 3600:F2} h, literature {hours:F2} h; utilisation {result.Utilization:P1}");
        Assert.IsType<Verdict.Finished>(result.Verdict);
        Assert.Equal(0, result.Unfinished);
        Assert.InRange(result.AverageJctSeconds!.Value / 3600, 0, hours * 1.01);
    }

    private static SimulationResult Run(string policy, bool multi, double rate, uint seed, uint policySeed) => new Simulator(
        s_cluster, ReferenceData.Table, PolicyCatalogue.Create(policy, policySeed),
        new TraceGenerator(new TraceOptions(seed, rate, multi), ReferenceData.Table).Endless(),
        new SimulationOptions(new MechanismOptions(), seed + 5, 4000, 5000)).Run();
}
