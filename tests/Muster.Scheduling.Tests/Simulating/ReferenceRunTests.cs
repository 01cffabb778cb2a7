using Muster.Scheduling.Policies;
using Muster.Scheduling.Simulating;
using Muster.Scheduling.Tests.Reference;

namespace Muster.Scheduling.Tests.Simulating;

public class ReferenceRunTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_completion_time_of_the_fifo_runs_is_equal_bit_for_bit()
    {
        ReferenceData.SkipIfAbsent();
        var (runs, jobs) = (0, 0);

        foreach (var name in ReferenceData.Names("runs", "").Where(name => name.Contains("fifo")))
        {
            var run = new ReferenceRun(name);
            var watch = System.Diagnostics.Stopwatch.StartNew();
            var result = run.Simulator(run.Policy == "fifo" ? new FifoAgnostic(run.Seed) : new FifoAware()).Run();
            output.WriteLine($"{name}: {watch.Elapsed.TotalMilliseconds:F1} ms, {run.Summary.GetProperty("cpu_s").GetDouble() / watch.Elapsed.TotalSeconds:F0}×");
            AssertEqual(name, run, result);
            (runs, jobs) = (runs + 1, jobs + result.Jobs.Count);
        }

        output.WriteLine($"count: {runs} reference runs with {jobs} jobs");
    }

    private static void AssertEqual(string name, ReferenceRun run, SimulationResult result)
    {
        Assert.IsType<Verdict.Finished>(result.Verdict);
        Assert.True(run.Rows.Count == result.Jobs.Count, $"{name}: {result.Jobs.Count} jobs");
        foreach (var (expected, job) in run.Rows.Zip(result.Jobs))
        {
            Assert.True(expected.Completion == job.CompletionSeconds, $"{name}: job {job.Id} ended {job.CompletionSeconds:R}, reference {expected.Completion:R}");
            Assert.True(expected.FirstPlaced == job.FirstPlacedSeconds, $"{name}: job {job.Id} began {job.FirstPlacedSeconds:R}, reference {expected.FirstPlaced:R}");
            Assert.Equal(expected.Steps, job.StepsRun);
        }

        Assert.Equal(run.Summary.GetProperty("rounds").GetInt64(), result.Rounds);
        Assert.Equal(run.Summary.GetProperty("avg_jct_s").GetDouble(), result.AverageJctSeconds!.Value, 1e-6);
        Assert.Equal(run.Summary.GetProperty("utilization").GetDouble(), result.Utilization, 1e-9);
    }
}
