using Muster.Jobs.Nodes;
using Muster.Jobs.Specification;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Agent.Tests.Real;

public sealed class LosingProcessesTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    public LosingProcessesTests() => _cluster.StartAgent();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_killed_agent_costs_the_ranks_nothing()
    {
        var job = new JobId("agentless");
        _cluster.Wish(_cluster.Assignment("agentless", 1, ["sleep", "300"]));
        var before = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Running);

        _cluster.KillAgent();
        _cluster.StartAgent();
        var after = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Running && facts.Ranks.Length == 1 && facts.Ranks[0].SinceProgress > TimeSpan.Zero);

        Assert.Equal(before.Ranks[0].Pid, after.Ranks[0].Pid);
        Assert.False(after.KeeperLost);
    }

    [Fact]
    public async Task A_restarted_agent_learns_the_exits_that_happened_meanwhile()
    {
        var job = new JobId("meanwhile");
        var gate = $"{_cluster.Directory}/gate";
        _cluster.Wish(_cluster.Assignment("meanwhile", 1, ["sh", "-c", $"while [ ! -e {gate} ]; do sleep 0.02; done; exit 7"]));
        await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Running);

        _cluster.KillAgent();
        File.WriteAllText(gate, "");
        await Waiting.UntilAsync(() => _cluster.Running("meanwhile").IsEmpty);
        _cluster.StartAgent();
        var facts = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Ended);

        Assert.Equal((7, false), (facts.Ranks[0].Exit!.Code, facts.KeeperLost));
    }

    [Fact]
    public async Task A_killed_keeper_takes_its_ranks_along_and_leaves_nothing_behind()
    {
        var job = new JobId("keeperless");
        _cluster.Wish(_cluster.Assignment("keeperless", 1, ["sh", "-c", "setsid sleep 302 & echo ready; sleep 300"]));
        await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Running);
        await Waiting.UntilAsync(() => _cluster.Output(job, 0).Contains("ready", StringComparison.Ordinal));

        TestCluster.Processes.Signal(KeeperOf("keeperless"), 9);
        var facts = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Ended);

        Assert.True(facts.KeeperLost);
        Assert.Empty(_cluster.Running("keeperless"));
    }

    [Fact]
    public async Task A_keeper_lost_while_no_agent_ran_is_found_lost_and_its_exits_are_kept()
    {
        var job = new JobId("both");
        _cluster.Wish(_cluster.Assignment("both", 1, ["sh", "-c", "[ $RANK = 1 ] && exit 5; sleep 300"], ranks: 2));
        await _cluster.WhenAsync(job, facts => facts.Ranks.Length == 2 && facts.Ranks[1].Exit is not null);
        var keeper = KeeperOf("both");

        _cluster.KillAgent();
        TestCluster.Processes.Signal(keeper, 9);
        await Waiting.UntilAsync(() => !TestCluster.Processes.IsAlive(keeper));
        _cluster.StartAgent();
        var facts = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Ended);

        Assert.True(facts.KeeperLost);
        Assert.Equal(5, facts.Ranks.Single(rank => rank.Rank.Number == 1).Exit!.Code);
        Assert.Empty(_cluster.Running("both"));
    }

    [Fact]
    public async Task A_keeper_without_an_agent_ends_its_ranks_and_itself()
    {
        var job = new JobId("orphan");
        var wish = _cluster.Assignment("orphan", 1, ["sleep", "300"]);
        _cluster.Wish(wish with
        {
            Launch = wish.Launch with
            {
                Specification = wish.Launch.Specification with { Liveness = new LivenessSpecification { OrphanAfter = TimeSpan.FromSeconds(2) } },
            },
        });
        await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Running);
        var keeper = KeeperOf("orphan");

        _cluster.KillAgent();

        await Waiting.UntilAsync(() => !TestCluster.Processes.IsAlive(keeper));
        Assert.Empty(_cluster.Running("orphan"));
    }

    [Fact]
    public async Task A_coordinator_of_the_past_is_not_obeyed()
    {
        var job = new JobId("fenced");
        var wish = _cluster.Assignment("fenced", 2, ["sleep", "300"]);
        _cluster.Wish(wish);
        var before = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Running);

        var present = _cluster.Leader;
        _cluster.Leader = present with { Granted = new Revision(present.Granted.Number - 1) };
        _cluster.Wish(TestCluster.Stopping(wish, graceSeconds: 0));
        await Waiting.UntilAsync(() => File.ReadAllText($"{_cluster.Directory}/agent.log").Contains("refused", StringComparison.Ordinal));
        _cluster.Wish(wish);
        _cluster.Leader = present;
        var after = await _cluster.WhenAsync(job, facts => facts.Ranks[0].SinceProgress > before.Ranks[0].SinceProgress + TimeSpan.FromSeconds(1));

        Assert.Equal((NodePhase.Running, before.Ranks[0].Pid), (after.Phase, after.Ranks[0].Pid));
    }

    private ProcessId KeeperOf(string job)
    {
        var parts = _cluster.Running(job)[0].Tags["MUSTER_KEEPER"].Split(':');
        return new ProcessId(int.Parse(parts[0]), long.Parse(parts[1]));
    }
}
