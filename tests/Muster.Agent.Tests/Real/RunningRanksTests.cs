using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Agent.Tests.Real;

public sealed class RunningRanksTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task Ranks_are_started_and_their_exits_reported()
    {
        _cluster.StartAgent();
        var job = new JobId("exits");

        _cluster.Wish(_cluster.Assignment("exits", 1, ["sh", "-c", "echo rank $RANK of $WORLD_SIZE; exit $RANK"], ranks: 3));
        var facts = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Ended);

        Assert.Equal([0, 1, 2], facts.Ranks.Select(rank => rank.Exit!.Code));
        Assert.Equal("rank 2 of 3", facts.Ranks[2].Exit!.Detail);
        Assert.Contains("rank 0 of 3", _cluster.Output(job, 0), StringComparison.Ordinal);
        Assert.False(facts.KeeperLost);
    }
}
