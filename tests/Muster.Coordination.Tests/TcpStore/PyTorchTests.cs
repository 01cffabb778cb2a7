using System.Diagnostics;
using System.Globalization;
using System.Net;
using Muster.Coordination.TcpStore;

namespace Muster.Coordination.Tests.TcpStore;

/// <summary>PyTorch's own clients against this server, its own server beside it.</summary>
public sealed class PyTorchTests(ITestOutputHelper output) : IDisposable
{
    private const string Python = "/usr/bin/python3";

    // PyTorch's own server takes most of the time.
    private static readonly int s_operations = Environment.GetEnvironmentVariable("MUSTER_SCALE") is null or "1" ? 16_000 : 100_000;

    private static readonly Lazy<string?> s_missing = new(() => Run("-c", "import torch").Code == 0 ? null : $"{Python} has no torch (Debian: python3-torch)");

    private readonly TcpStoreServer _server = new(new IPEndPoint(IPAddress.IPv6Any, 0));

    public void Dispose() => _server.Dispose();

    [Fact]
    public void Random_operations_by_16_clients_have_the_results_of_PyTorchs_server()
    {
        RequirePyTorch();
        var seed = Environment.GetEnvironmentVariable("MUSTER_SEED") ?? "1";
        var (code, said) = Run(Script("compare.py"), Text(_server.EndPoint.Port), Text(s_operations), seed);
        output.WriteLine(said);
        Assert.True(code == 0, $"seed {seed}:\n{said}");
    }

    [Fact]
    public void Ranks_that_know_nothing_of_it_meet_at_it()
    {
        RequirePyTorch();
        var ranks = Enumerable.Range(0, 3).Select(rank => Start([Script("ranks.py")], new()
        {
            ["RANK"] = Text(rank), ["WORLD_SIZE"] = "3", ["MASTER_ADDR"] = "127.0.0.1", ["MASTER_PORT"] = Text(_server.EndPoint.Port),
            ["TORCHELASTIC_USE_AGENT_STORE"] = "True", ["TORCHELASTIC_RESTART_COUNT"] = "0", ["OMP_NUM_THREADS"] = "1",
        })).ToList();
        var said = ranks.ConvertAll(End);
        Assert.All(said, (end, rank) => Assert.True(end.Code == 0 && end.Said.Contains($"rank {rank} of 3: [6.0, 6.0, 6.0, 6.0]", StringComparison.Ordinal), end.Said));
    }

    [Fact]
    public void Torchruns_agents_meet_at_it()
    {
        RequirePyTorch();
        var agents = Enumerable.Range(0, 2).Select(_ => Start(
            [
                "-m", "torch.distributed.run", "--nnodes", "2", "--nproc_per_node", "1", "--rdzv_backend", "c10d", "--rdzv_id", "job",
                "--rdzv_endpoint", $"127.0.0.1:{_server.EndPoint.Port}", "--rdzv_conf", "is_host=0",
                // torch 1.13's launcher fails without them.
                "-r", "1", "-t", "1", "--log_dir", Directory.CreateTempSubdirectory("muster-torchrun-").FullName, Script("ranks.py"),
            ],
            new() { ["OMP_NUM_THREADS"] = "1" })).ToList();
        var said = agents.ConvertAll(End);
        Assert.All(said, end => Assert.True(end.Code == 0, end.Said));
        Assert.Equal(2, said.Sum(end => end.Said.Split(" of 2: [3.0, 3.0, 3.0, 3.0]").Length - 1));
    }

    private static void RequirePyTorch()
    {
        if (s_missing.Value is not { } missing)
            return;
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", missing);
        Assert.Skip(missing);
    }

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "TcpStore", name);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static (int Code, string Said) Run(params string[] arguments) => End(Start(arguments, []));

    private static Process Start(string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static (int Code, string Said) End(Process process)
    {
        using (process)
        {
            var error = process.StandardError.ReadToEndAsync();
            var said = process.StandardOutput.ReadToEnd() + error.Result;
            process.WaitForExit();
            return (process.ExitCode, said);
        }
    }
}
