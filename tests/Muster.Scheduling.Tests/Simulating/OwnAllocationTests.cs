using Muster.Scheduling.Policies;
using Muster.Scheduling.Tests.Reference;

namespace Muster.Scheduling.Tests.Simulating;

public class OwnAllocationTests(ITestOutputHelper output)
{
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
