namespace Muster.Simulation.Raft.Tests;

public class SeedTests(ITestOutputHelper output)
{
    private const int SeedsMin = 500;

    private static ulong Base => ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    private static int Scale => int.TryParse(Environment.GetEnvironmentVariable("MUSTER_SCALE"), out var scale) ? scale : 1;

    [Fact]
    public void Every_law_holds_after_every_step_of_every_seed()
    {
        var results = new RaftRunResult[SeedsMin * Scale];

        Parallel.For(0, results.Length, i => results[i] = RaftRun.Run(Base * 1_000_000 + (ulong)i));

        Assert.Empty(results.Where(result => result.Broken is not null).Take(5).Select(result => $"{result.Broken}\n  replay: {result.Replay}"));
        output.WriteLine($"count: {results.Length} raft seeds, {results.Sum(result => result.Counts.Steps):N0} steps");
    }
}
