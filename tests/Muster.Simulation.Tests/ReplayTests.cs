using System.Diagnostics;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Tests;

public sealed class ReplayTests
{
    private const int Seeds = 5;

    private static ulong SeedBase => ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    [Fact]
    public void A_seed_gives_the_same_trace_in_another_process()
    {
        var seeds = Enumerable.Range(0, Seeds).Select(i => SeedBase + (ulong)i).ToList();

        var here = seeds.Select(GossipScenario.TraceOf).ToList();
        var there = TracesFromAnotherProcess("--trace", seeds);

        Assert.Equal(here, there);
    }

    [Fact]
    public void A_program_that_depends_on_hash_order_is_found_out()
    {
        var here = PlantedScenario.TraceOf(SeedBase);
        var there = TracesFromAnotherProcess("--planted", [SeedBase, SeedBase]);

        Assert.Equal(there[0], there[1]);   // one process agrees with itself, which is why two are needed
        Assert.NotEqual(here, there[0]);
    }

    [Fact]
    public void Another_seed_gives_another_trace()
    {
        var traces = Enumerable.Range(0, Seeds).Select(i => GossipScenario.TraceOf(SeedBase + (ulong)i)).ToList();

        Assert.Equal(Seeds, traces.Distinct().Count());
    }

    [Fact]
    public void The_scenario_reaches_what_it_is_meant_to_reach()
    {
        var world = GossipScenario.Run(SeedBase, TimeSpan.FromMinutes(10), 1_000_000);

        foreach (var reached in new[]
        {
            "tick", "from-a", "output step", "exited", "killed before effect", "host loses power", "host boots", "cut", "net.breaks",
            "net.swallows", "paused", "rate",
        })
            Assert.Contains(world.Trace.Lines, line => line.Contains(reached, StringComparison.Ordinal));
        Assert.True(world.Trace.Records > 10_000);
    }

    internal static List<string> TracesFromAnotherProcess(string what, List<ulong> seeds)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(ReplayTests).Assembly.Location);
        start.ArgumentList.Add(what);
        seeds.ForEach(seed => start.ArgumentList.Add(seed.ToString()));
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
