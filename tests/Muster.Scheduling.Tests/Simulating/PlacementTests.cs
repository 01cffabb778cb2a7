using Muster.Scheduling.Policies;
using Muster.Scheduling.Tests.Reference;

namespace Muster.Scheduling.Tests.Simulating;

public class PlacementTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_round_of_the_recorded_fifo_schedules_places_the_same_jobs_on_the_same_gpus()
    {
        ReferenceData.SkipIfAbsent();
        var rounds = 0;

        foreach (var name in ReferenceData.Names("schedules", "fifo"))
        {
            var run = new ReferenceRun(name);
            var recorder = new ScheduleRecorder();
            run.Simulator(run.Policy == "fifo" ? new FifoAgnostic(run.Seed) : new FifoAware(), recorder).Run();
            rounds += AssertEqual(name, recorder, double.PositiveInfinity);
        }

        output.WriteLine($"count: {rounds} rounds with equal placements");
    }

    [Fact]
    public void Fed_the_recorded_shares_every_policy_s_run_is_equal_as_long_as_they_last()
    {
        ReferenceData.SkipIfAbsent();
        var (calls, jobs, rounds) = (0, 0, 0);
        var schedules = ReferenceData.Names("schedules", "");

        foreach (var name in ReferenceData.Names("allocations", ""))
        {
            var run = new ReferenceRun(name);
            var knowsTypes = run.Policy.Contains("perf") || run.Policy is "allox" or "gandiva";
            var policy = new RecordedPolicy(name, knowsTypes, run.Policy.StartsWith("fifo", StringComparison.Ordinal));
            var recorder = new ScheduleRecorder();
            var result = run.Simulator(policy, recorder).Run();

            Assert.Empty(policy.Differences.Select(difference => $"{name}: {difference}"));
            calls += policy.Calls;
            foreach (var row in run.Rows.Where(row => row.Completion <= policy.LastCallSeconds))
            {
                Assert.True(row.Completion == result.Jobs[row.Id].CompletionSeconds, $"{name}: job {row.Id}");
                jobs++;
            }

            if (schedules.Contains(name))
                rounds += AssertEqual(name, recorder, policy.LastCallSeconds);
        }

        output.WriteLine($"count: {calls} recorded allocations, {jobs} completions and {rounds} rounds equal");
    }

    private static int AssertEqual(string name, ScheduleRecorder recorder, double until)
    {
        var reference = ScheduleRecorder.Reference(name).TakeWhile(round => round.Start <= until).ToList();
        for (var i = 0; i < reference.Count - 1; i++)
            Assert.True(reference[i] == recorder.Rounds[i], $"{name}, round {i}: {recorder.Rounds[i]}, reference {reference[i]}");
        return reference.Count;
    }
}
