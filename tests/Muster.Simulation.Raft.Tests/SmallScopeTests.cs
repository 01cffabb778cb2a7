using Muster.Simulation.Raft.SmallScope;

namespace Muster.Simulation.Raft.Tests;

public class SmallScopeTests(ITestOutputHelper output)
{
    private const long StatesMin = 100_000;

    private static long Scale => long.TryParse(Environment.GetEnvironmentVariable("MUSTER_SCALE"), out var scale) ? scale : 1;

    [Fact]
    public void Every_interleaving_of_a_small_scope_keeps_every_law()
    {
        var scope = new Scope(Members: 3, Terms: 2, Entries: 3, Crashes: 1, Partitions: 1);

        var result = Exploration.Run(scope, StatesMin * Scale);

        Assert.True(result.Broken is null, $"{result.Broken}\n{string.Join('\n', result.Path)}");
        Assert.True(result.IsComplete || result.States >= StatesMin);
        output.WriteLine($"count: {result.States:N0} states, {result.Moves:N0} moves, depth {result.Depth}{(result.IsComplete ? ", complete" : "")}");
    }

    [Fact]
    public void The_smallest_scope_is_explored_to_its_end()
    {
        var result = Exploration.Run(new(Members: 3, Terms: 1, Entries: 0, Crashes: 0, Partitions: 0, Heartbeats: 0), long.MaxValue);

        Assert.Null(result.Broken);
        Assert.True(result.IsComplete);
        output.WriteLine($"count: {result.States:N0} states of one term without entries, complete at depth {result.Depth}");
    }
}
