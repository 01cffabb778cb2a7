using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Agent.Tests.Real;

public sealed class RunningRanksTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    public RunningRanksTests() => _cluster.StartAgent();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task Ranks_are_started_and_their_exits_reported()
    {
        var job = new JobId("exits");

        _cluster.Wish(_cluster.Assignment("exits", 1, ["sh", "-c", "echo rank $RANK of $WORLD_SIZE; exit $RANK"], ranks: 3));
        var facts = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Ended);

        Assert.Equal([0, 1, 2], facts.Ranks.Select(rank => rank.Exit!.Code));
        Assert.Equal("rank 2 of 3", facts.Ranks[2].Exit!.Detail);
        Assert.Contains("rank 0 of 3", _cluster.Output(job, 0), StringComparison.Ordinal);
        Assert.False(facts.KeeperLost);
    }

    [Fact]
    public async Task A_rank_that_ignores_the_signal_is_killed_after_the_grace()
    {
        var job = new JobId("stubborn");
        var wish = _cluster.Assignment("stubborn", 1, ["sh", "-c", "trap '' TERM; echo ready; while true; do sleep 0.05; done"]);
        _cluster.Wish(wish);
        await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Running);
        await Waiting.UntilAsync(() => _cluster.Output(job, 0).Contains("ready", StringComparison.Ordinal));

        _cluster.Wish(TestCluster.Stopping(wish, graceSeconds: 0.4));
        var facts = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Ended);

        Assert.Equal((9, true), (facts.Ranks[0].Exit!.Signal, facts.Ranks[0].Exit!.Asked));
        Assert.Empty(_cluster.Running("stubborn"));
    }

    [Fact]
    public async Task Grandchildren_in_sessions_of_their_own_are_gone_before_the_end_is_told()
    {
        var job = new JobId("family");
        var wish = _cluster.Assignment("family", 1, ["sh", "-c", "setsid sleep 300 & setsid env -i /bin/sleep 301 & sleep 0.2; echo ready; wait"]);
        _cluster.Wish(wish);
        await Waiting.UntilAsync(() => _cluster.Output(job, 0).Contains("ready", StringComparison.Ordinal));
        Assert.True(_cluster.Running("family").Length >= 2);

        _cluster.Wish(TestCluster.Stopping(wish, graceSeconds: 0.3));
        await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Ended);

        Assert.Empty(_cluster.Running("family"));
        Assert.False(Waiting.AnyProcess("/bin/sleep\0301\0"), "a grandchild without tags, adopted by the keeper, still runs");
    }

    [Fact]
    public async Task One_keeper_serves_generation_after_generation()
    {
        var job = new JobId("again");
        var first = _cluster.Assignment("again", 1, ["sh", "-c", "echo $PPID; sleep 300"]);
        _cluster.Wish(first);
        await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Running);
        await Waiting.UntilAsync(() => _cluster.Output(job, 0).Length > 0);

        // Without a stop of the old one: the newer generation implies it.
        _cluster.Wish(_cluster.Assignment("again", 2, ["sh", "-c", "echo $PPID; exit 0"]));
        await _cluster.WhenAsync(job, facts => facts.Generation.Number == 2 && facts.Phase == NodePhase.Ended);

        var parents = _cluster.Output(job, 0).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, parents.Length);
        Assert.Equal(parents[0], parents[1]);
    }

    [Fact]
    public async Task A_missing_program_is_named()
    {
        var job = new JobId("missing");

        _cluster.Wish(_cluster.Assignment("missing", 1, ["no-such-program", "x"]));
        var facts = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Ended);

        Assert.Contains("program 'no-such-program' not found in PATH", facts.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rank_inherits_its_standard_streams_and_nothing_else()
    {
        var job = new JobId("descriptors");

        _cluster.Wish(_cluster.Assignment("descriptors", 1, ["ls", "/proc/self/fd"], ranks: 2));
        await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Ended);

        // The fourth is the directory that ls reads.
        Assert.Equal("0\n1\n2\n3\n", _cluster.Output(job, 0));
        Assert.Equal("0\n1\n2\n3\n", _cluster.Output(job, 1));
    }

    [Fact]
    public async Task A_released_job_ends_and_is_forgotten()
    {
        var job = new JobId("released");
        _cluster.Wish(_cluster.Assignment("released", 1, ["sleep", "300"]));
        await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Running);

        _cluster.Release(job);
        await _cluster.WhenForgottenAsync(job);

        Assert.Empty(_cluster.Running("released"));
        Assert.False(File.Exists($"{_cluster.KeeperDirectory(job)}/journal"));
    }

    [Fact]
    public async Task The_error_file_of_torchrun_programs_says_why()
    {
        var job = new JobId("error-file");

        _cluster.Wish(_cluster.Assignment("error-file", 1,
            ["sh", "-c", """echo '{"message":{"message":"ValueError: odd","extraInfo":{}}}' > $TORCHELASTIC_ERROR_FILE; echo noise; exit 1"""]));
        var facts = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Ended);

        Assert.Equal("ValueError: odd", facts.Ranks[0].Exit!.Detail);
    }
}
