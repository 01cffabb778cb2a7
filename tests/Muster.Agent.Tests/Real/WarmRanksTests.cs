using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Agent.Tests.Real;

public sealed class WarmRanksTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    public WarmRanksTests() => _cluster.StartAgent();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task The_next_generation_takes_over_a_spare_interpreter_and_sees_itself_started_as_usual()
    {
        var job = new JobId("warm");
        var script = $"{_cluster.Directory}/script.py";
        File.WriteAllText(script, """
            import json, os, sys, time
            print(json.dumps({"name": __name__, "argv": sys.argv, "path": sys.path[0], "generation": os.environ["MUSTER_GENERATION"],
                "rank": os.environ["RANK"], "ahead": "decimal" in sys.modules, "stdin": sys.stdin.read(), "main": sys.modules["__main__"].__file__}), flush=True)
            if os.environ["MUSTER_GENERATION"] == "1":
                time.sleep(300)
            """);
        var first = Warm(_cluster.Assignment("warm", 1, ["/usr/bin/python3", "-u", script, "--lr", "3"], ranks: 2));
        _cluster.Wish(first);
        var cold = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Running && facts.WarmSpares == 2);

        _cluster.Wish(Warm(_cluster.Assignment("warm", 2, first.Launch.Specification.Run, ranks: 2)));
        var warm = await _cluster.WhenAsync(job, facts => facts.Generation.Number == 2 && facts.Phase == NodePhase.Ended);

        Assert.All(cold.Ranks, rank => Assert.False(rank.WarmStart));
        Assert.All(warm.Ranks, rank => Assert.True(rank.WarmStart && rank.Exit!.IsSuccess));
        Assert.True(cold.WarmBytes > 1_000_000);
        var lines = _cluster.Output(job, 1).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Equal(
            lines[0].Replace("\"1\", \"rank\"", "\"2\", \"rank\"", StringComparison.Ordinal).Replace("\"ahead\": false", "\"ahead\": true", StringComparison.Ordinal),
            lines[1]);
    }

    [Fact]
    public async Task A_module_that_cannot_be_imported_costs_nothing()
    {
        var job = new JobId("unwarm");
        var script = $"{_cluster.Directory}/script.py";
        File.WriteAllText(script, "print('ran')");
        var wish = _cluster.Assignment("unwarm", 1, ["/usr/bin/python3", script]);
        wish = wish with { Launch = wish.Launch with { Specification = wish.Launch.Specification with { WarmPythonModules = ["no_such_module"] } } };

        _cluster.Wish(wish);
        var facts = await _cluster.WhenAsync(job, facts => facts.Phase == NodePhase.Ended);

        Assert.True(facts.Ranks[0].Exit!.IsSuccess);
    }

    private static JobAssignment Warm(JobAssignment wish) => wish with
    {
        Launch = wish.Launch with { Specification = wish.Launch.Specification with { WarmPythonModules = ["decimal"] } },
    };
}
