using Muster.Scheduling.Policies;
using Muster.Scheduling.Tests.Reference;

namespace Muster.Scheduling.Tests.Simulating;

public class OwnAllocationTests(ITestOutputHelper output)
{
    [Fact]
    public void The_averages_of_the_other_policies_are_at_most_two_percent_above_the_reference()
    {
        ReferenceData.SkipIfAbsent();
        var worse = new List<string>();

        foreach (var name in ReferenceData.Names("runs", "").Where(name => !name.Contains("max_min_fairness_4") && !name.Contains("fifo")))
        {
            var run = new ReferenceRun(name);
            if (run.Policy.StartsWith("max_min", StringComparison.Ordinal))
                continue;
            var watch = System.Diagnostics.Stopwatch.StartNew();
            var result = run.Simulator(PolicyCatalogue.Create(run.Policy, run.Seed)).Run();
            var seconds = watch.Elapsed.TotalSeconds;
            var measure = run.Policy.StartsWith("min_total", StringComparison.Ordinal) ? "makespan_s" : "avg_jct_s";
            var reference = run.Summary.GetProperty(measure).GetDouble() / 3600;
            var ours = (measure == "makespan_s" ? result.EndSeconds : result.AverageJctSeconds!.Value) / 3600;
            output.WriteLine($"{name}: {ours:F3} h, reference {reference:F3} h, {ours / reference - 1:P2}; jct {result.AverageJctSeconds / 3600:F2}; {seconds * 1000:F0} ms, {run.Summary.GetProperty("cpu_s").GetDouble() / seconds:F0}×, {result.Allocations} calls");
            if (ours > 1.02 * reference || result.Unfinished > 0)
                worse.Add($"{name}: {ours / reference - 1:P2}");
        }

        Assert.Empty(worse);
    }

    [Theory]
    [InlineData("hierarchical")]
    [InlineData("hierarchical_fifo")]
    [InlineData("min_cost")]
    [InlineData("sjf")]
    [InlineData("fifo_packed")]
    [InlineData("las_packed")]
    [InlineData("makespan_packed")]
    [InlineData("makespan")]
    [InlineData("las_perf")]
    [InlineData("fifo_perf")]
    [InlineData("gandiva")]
    [InlineData("allox")]
    public void A_policy_without_a_reference_run_finishes_the_small_runs(string policy)
    {
        ReferenceData.SkipIfAbsent();

        foreach (var name in new[] { "max_min_fairness_perf_4-4-4_single_r0.3_seed1_w0-60", "max_min_fairness_perf_8-8-8_multi_r0.4_seed1_w0-60" })
        {
            var run = new ReferenceRun(name);
            var watch = System.Diagnostics.Stopwatch.StartNew();
            var result = run.Simulator(PolicyCatalogue.Create(policy, run.Seed)).Run();
            output.WriteLine($"{policy} on {name}: {result.Verdict.Word} {result.AverageJctSeconds / 3600:F2} h (las_perf reference {run.Summary.GetProperty("avg_jct_h").GetDouble():F2}) util {result.Utilization:F3}, {watch.Elapsed.TotalMilliseconds:F0} ms, {result.Allocations} calls");
            if (policy is not ("sjf" or "allox" or "min_cost"))   // these let some jobs wait for as long as better ones come
                Assert.IsType<Muster.Scheduling.Simulating.Verdict.Finished>(result.Verdict);
        }
    }

    [Theory]
    [InlineData("max_min_fairness_perf")]
    [InlineData("max_min_fairness")]
    public void Las_averages_are_at_most_two_percent_above_the_reference(string policy)
    {
        ReferenceData.SkipIfAbsent();
        var worse = new List<string>();

        foreach (var name in ReferenceData.Names("runs", "").Where(name => new ReferenceRun(name).Policy == policy))
        {
            var run = new ReferenceRun(name);
            var watch = System.Diagnostics.Stopwatch.StartNew();
            var result = run.Simulator(policy == "max_min_fairness" ? new LasAgnostic() : new LasAware()).Run();
            var seconds = watch.Elapsed.TotalSeconds;
            var reference = run.Summary.GetProperty("avg_jct_h").GetDouble();
            var ours = result.AverageJctSeconds!.Value / 3600;
            output.WriteLine($"{name}: {ours:F3} h, reference {reference:F3} h, {ours / reference - 1:P2}; {seconds * 1000:F0} ms, {run.Summary.GetProperty("cpu_s").GetDouble() / seconds:F0}×, {result.Allocations} calls");
            if (ours > 1.02 * reference || result.Unfinished > 0)
                worse.Add($"{name}: {ours / reference - 1:P2}");
        }

        Assert.Empty(worse);
    }
}
