using System.Text.Json;
using Muster.Jobs.Nodes;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Agent.Tests.Real;

/// <summary>The worker API as curl sees it, through a rank that leaves its socket's name and sleeps.</summary>
public sealed class WorkerApiTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    public WorkerApiTests() => _cluster.StartAgent();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_rank_joins_reports_and_makes_checkpoints_durable()
    {
        var job = new JobId("api");
        var wish = _cluster.Assignment("api", 1, ["sh", "-c", "echo $MUSTER_SOCKET; sleep 300"]);
        _cluster.Wish(wish);
        var socket = await SocketAsync(job);

        var run = Json(await CurlAsync(socket, "POST", "join", """{"client":"curl"}"""));
        await CurlAsync(socket, "POST", "reports", "{\"step\": 3, \"metrics\": {\"loss\": 2.5, \"odd\": \"NaN\"}}\n{\"total\": 10}\n");
        var begun = Json(await CurlAsync(socket, "POST", "checkpoints", """{"step": 3}"""));
        var directory = begun.GetProperty("directory").GetString()!;
        File.WriteAllText($"{directory}/weights", "some bytes");
        var done = Json(await CurlAsync(socket, "POST", "checkpoints/3/done", "{}"));
        var twice = await CurlAsync(socket, "POST", "checkpoints", """{"step": 3}""");
        var facts = await _cluster.WhenAsync(job, facts => facts.Shards.Length == 1);

        Assert.Equal(("api", 1, 0), (run.GetProperty("job").GetString(), run.GetProperty("world_size").GetInt32(), run.GetProperty("rank").GetInt32()));
        Assert.Equal(JsonValueKind.Null, run.GetProperty("restore").ValueKind);
        Assert.EndsWith("checkpoints/api/3.1/rank-0", directory, StringComparison.Ordinal);
        Assert.Equal(10, done.GetProperty("bytes").GetInt64());
        Assert.Contains("already begun", twice, StringComparison.Ordinal);
        Assert.Equal(new ShardFile("weights", 10, Checkpoints.Digests.Xxh3.Format(Checkpoints.Digests.Xxh3.Of("some bytes"u8))), facts.Shards[0].Files[0]);
        Assert.Equal((new TrainingStep(3), 2.5, 10L), (facts.Ranks[0].Step!.Value, facts.Ranks[0].Metrics["loss"], facts.Ranks[0].StepsTotal!.Value));
    }

    [Fact]
    public async Task A_background_checkpoint_is_written_in_memory_and_the_next_waits_for_commits()
    {
        var job = new JobId("background");
        var wish = _cluster.Assignment("background", 1, ["sh", "-c", "echo $MUSTER_SOCKET; sleep 300"]);
        wish = wish with
        {
            Launch = wish.Launch with
            {
                Specification = wish.Launch.Specification with { Checkpoint = new CheckpointSpecification { UncommittedMax = 1 } },
            },
        };
        _cluster.Wish(wish);
        var socket = await SocketAsync(job);

        var directory = Json(await CurlAsync(socket, "POST", "checkpoints", """{"step": 5, "background": true}""")).GetProperty("directory").GetString()!;
        Directory.CreateDirectory($"{directory}/deep");
        File.WriteAllBytes($"{directory}/deep/weights", new byte[300_000]);
        await CurlAsync(socket, "POST", "checkpoints/5/done", "{}");
        var facts = await _cluster.WhenAsync(job, facts => facts.Shards.Length == 1);
        var next = CurlAsync(socket, "POST", "checkpoints", """{"step": 6, "background": true}""");
        await _cluster.WhenAsync(job, facts => facts.Ranks[0].Phase == RankPhase.Waiting);
        Assert.False(next.IsCompleted);
        _cluster.Wish(wish with { Committed = new TrainingStep(5) });

        Assert.Contains("6.1", await next, StringComparison.Ordinal);
        Assert.StartsWith("/dev/shm/muster-", directory, StringComparison.Ordinal);
        Assert.Equal("deep/weights", facts.Shards[0].Files[0].Name);
        Assert.Equal(300_000, new FileInfo($"{_cluster.Directory}/checkpoints/background/5.1/rank-0/deep/weights").Length);
        Assert.False(Directory.Exists(directory), "what was copied still fills the memory");
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_never_handed_out()
    {
        var job = new JobId("damaged");
        var wish = _cluster.Assignment("damaged", 2, ["sh", "-c", "echo $MUSTER_SOCKET; sleep 300"]);
        var reference = await CommittedAsync(wish);
        File.WriteAllText($"{_cluster.Directory}/checkpoints/damaged/4.1/rank-0/weights", "othxr bytes");

        _cluster.Wish(wish with { Launch = wish.Launch with { RestoreFrom = reference } });
        var answer = await CurlAsync(await SocketAsync(job), "POST", "join", """{"client":"curl"}""");
        var facts = await _cluster.WhenAsync(job, facts => facts.Ranks[0].RestoreTrouble is not null);

        Assert.Contains("is damaged", answer, StringComparison.Ordinal);
        Assert.True(facts.Ranks[0].RestoreTrouble!.Damaged);
    }

    [Fact]
    public async Task A_whole_checkpoint_is_handed_out()
    {
        var job = new JobId("whole");
        var wish = _cluster.Assignment("whole", 2, ["sh", "-c", "echo $MUSTER_SOCKET; sleep 300"]);
        var reference = await CommittedAsync(wish);

        _cluster.Wish(wish with { Launch = wish.Launch with { RestoreFrom = reference } });
        var socket = await SocketAsync(job);
        var run = Json(await CurlAsync(socket, "POST", "join", """{"client":"curl"}"""));
        var shards = Json(await CurlAsync(socket, "GET", "shards", null));

        Assert.Equal("other bytes", File.ReadAllText(run.GetProperty("restore").GetProperty("directory").GetString() + "/weights"));
        Assert.Equal(1, shards.GetProperty("shards").GetArrayLength());
    }

    private async Task<CheckpointReference> CommittedAsync(JobAssignment wish)
    {
        var (step, generation) = (new TrainingStep(4), new Generation(1));
        var shard = $"{_cluster.Directory}/checkpoints/{wish.Job}/4.1/rank-0";
        Directory.CreateDirectory(shard);
        File.WriteAllText($"{shard}/weights", "other bytes");
        using var disk = new Disk.Posix.PosixVolume("/");
        var files = await new Checkpoints.Shards.ShardSealer(disk).SealAsync(shard[1..]);
        var digest = await new Checkpoints.Directories.CheckpointDirectory(disk, $"{_cluster.Directory}/checkpoints"[1..], wish.Job).WriteManifestAsync(
            new Jobs.Checkpoints.Manifest
            {
                Job = wish.Job,
                Step = step,
                Generation = generation,
                Token = wish.Token,
                WorldSize = 1,
                Shards = [new ShardFacts(step, new Rank(0), files)],
            });
        return new CheckpointReference(step, generation, 1, digest);
    }

    private async Task<string> SocketAsync(JobId job)
    {
        await Waiting.UntilAsync(() => _cluster.Output(job, 0).Contains(".sock\n", StringComparison.Ordinal));
        return _cluster.Output(job, 0).Trim();
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static Task<string> CurlAsync(string socket, string method, string path, string? body)
    {
        string[] command = ["curl", "-sS", "--unix-socket", socket, "-X", method, $"http://keeper/v1/{path}"];
        return ProcessOutput.OfAsync(body is null ? command : [.. command, "--data-binary", body]);
    }
}
