using System.Diagnostics;
using Muster.RealRuns;

namespace Muster.Cli.Tests;

/// <summary>Programs, disks and files that fail.</summary>
public sealed class FailureTests
{
    [Fact]
    public void A_program_that_always_fails_spends_the_budget_and_the_reason_is_said() => RealRun.In(run =>
    {
        var command = Commands.RunProgram(
            run, ["--max-restarts", "1", "--set", "restart.backoff=10ms..20ms"], "/bin/sh", "-c", "echo no data >&2; exit 7");

        Commands.RequireExit(Commands.ProgramFailed, command);
        var result = command.Json.Last();
        Assert.Equal("failed", result.GetProperty("state").GetString());
        Assert.Contains("restart.max is 1", result.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("7", result.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, result.GetProperty("generations").GetInt64());
        run.RequireNobodyLeft();
    });

    [Fact]
    public void The_last_line_of_json_is_the_documented_object() => RealRun.In(run =>
    {
        var command = Commands.RunProgram(run, [], "true");

        Commands.RequireExit(Commands.Done, command);
        Assert.Equal(
            ["generations", "job", "last_checkpoint", "reason", "restarts", "seconds", "state"],
            command.Json.Last().EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.All(command.Lines, line => Assert.StartsWith("{", line, StringComparison.Ordinal));
    });

    [Fact]
    public void A_corpus_that_cannot_be_read_fails_the_job_with_the_programs_own_words() => RealRun.In(run =>
    {
        new TrainingJob { Corpus = "/no/such/corpus.txt" }.Write(run);

        var command = TrainingJob.Start(run, "--max-restarts", "0");

        Commands.RequireExit(Commands.ProgramFailed, command);
        Assert.Contains("/no/such/corpus.txt", Commands.About(run, "logs").Output, StringComparison.Ordinal);
        run.RequireNobodyLeft();
    });

    [Fact]
    public void A_flipped_byte_is_found_at_restore_and_the_checkpoint_before_is_used() => RealRun.In(run =>
    {
        var first = Commands.StartHeld(run);
        RealRun.Until("all are dead", () => run.Kill(_ => true) == 0);
        first.Wait();
        Flip(Directory.EnumerateFiles(Path.Combine(run.Data, "checkpoints", TrainingJob.Name, "20.1"), "shard.bin", SearchOption.AllDirectories).First());
        Commands.RequireExit(Commands.Infrastructure, Commands.About(run, "ckpt verify"));
        run.Release("training");

        var second = TrainingJob.Start(run);

        Commands.RequireExit(Commands.Done, second);
        Assert.Contains(run.TraceOf(0), line => line is { Generation: > 1, Phase: "restoring", Step: 10 });
        Assert.DoesNotContain(run.TraceOf(0), line => line is { Phase: "restoring", Step: 20 });
        Assert.NotEmpty(second.Events("quarantined"));
        Assert.Equal(StopAndResumeTests.Undisturbed, run.Weights);
        run.RequireNobodyLeft();
    });

    [Fact]
    public void A_shard_written_twice_is_refused_and_the_first_one_stands() => RealRun.In(run =>
    {
        File.WriteAllText(Path.Combine(run.Root, "twice.py"), """
            import http.client, json, os, socket, sys
            class Unix(http.client.HTTPConnection):
                def connect(self):
                    self.sock = socket.socket(socket.AF_UNIX)
                    self.sock.connect(os.environ["MUSTER_SOCKET"])
            def post(path, body):
                c = Unix("localhost")
                c.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
                r = c.getresponse()
                return r.status, json.loads(r.read() or b"{}")
            assert post("/v1/join", {"client": "test"})[0] == 200
            status, answer = post("/v1/checkpoints", {"step": 10, "background": False})
            assert status == 201, answer
            open(answer["directory"] + "/weights", "w").write("first")
            assert post("/v1/checkpoints/10/done", {})[0] == 200
            status, answer = post("/v1/checkpoints", {"step": 10, "background": False})
            print("second", status, answer)
            sys.exit(0 if status == 409 else 1)
            """);

        var command = Commands.RunProgram(run, ["--max-restarts", "0"], "python3", "twice.py");

        Commands.RequireExit(Commands.Done, command);
        Assert.Contains("second 409", Commands.About(run, "logs").Output, StringComparison.Ordinal);
        Assert.Equal([10], run.RequireCheckpointsWhole(TrainingJob.Name));
    });

    [Fact]
    public void A_disk_that_fills_up_in_a_checkpoint_costs_the_checkpoint_and_nothing_else() => WithSmallDisk("1m", (run, disk) =>
    {
        new TrainingJob { Extra = "--hold training@24", StepMilliseconds = 50 }.Write(run);
        var command = TrainingJob.Start(run, "--set", $"checkpoint.to=file://{disk}");
        RealRun.Until("ranks wait", () => run.TraceOf(0) is [.., { Phase: "training", Step: 24 }]);
        var filler = Path.Combine(disk, "filler");
        Fill(filler);
        run.Release("training");
        RealRun.Until("a checkpoint is missed", () => command.Events("not-saved").Any());
        File.Delete(filler);

        Commands.RequireExit(Commands.Done, command);
        var told = command.Events("not-saved").First();
        var text = told.GetProperty("text").GetString();
        Assert.Equal(30, told.GetProperty("step").GetInt64());
        Assert.Contains($"rank {told.GetProperty("rank").GetInt64()} could not save", text, StringComparison.Ordinal);
        Assert.Contains("No space left on device", text, StringComparison.Ordinal);
        Assert.Contains(disk, text, StringComparison.Ordinal);
        Assert.Contains("No space left on device", Commands.About(run, "events").Output, StringComparison.Ordinal);
        Assert.Equal(StopAndResumeTests.Undisturbed, run.Weights);
        var listed = run.RequireCheckpointsWhole(TrainingJob.Name);
        Assert.Equal(40, listed[0]);
        Assert.DoesNotContain("30.1", Commands.About(run, "ckpt ls").Output, StringComparison.Ordinal);
        Assert.Contains("there is no checkpoint of step 30", Commands.About(run, "logs").Output, StringComparison.Ordinal);
        run.RequireNobodyLeft();
    });

    [Fact]
    public void A_job_whose_result_does_not_fit_on_the_disk_has_not_completed() => WithSmallDisk("160k", (run, disk) =>
    {
        new TrainingJob().Write(run);

        var command = TrainingJob.Start(run, "--set", $"checkpoint.to=file://{disk}", "--max-restarts", "1");

        Commands.RequireExit(Commands.Infrastructure, command);
        var result = command.Json.Last();
        Assert.Equal("failed", result.GetProperty("state").GetString());
        Assert.Contains("could not save the result", result.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(20, result.GetProperty("last_checkpoint").GetInt64());
        Assert.Equal([20, 10], run.RequireCheckpointsWhole(TrainingJob.Name));
        run.RequireNobodyLeft();
    });

    [Fact]
    public void A_data_directory_that_fills_up_ends_the_command_and_loses_nothing() => WithSmallDisk("4m", (run, disk) =>
    {
        Directory.CreateSymbolicLink(run.Data, disk);
        var first = Commands.StartHeld(run);
        var filler = Path.Combine(disk, "filler");
        Fill(filler);
        run.Release("training");
        Commands.RequireExit(Commands.Infrastructure, first);
        Assert.Contains("Nothing was lost", first.Errors, StringComparison.Ordinal);
        File.Delete(filler);

        var second = TrainingJob.Start(run);

        Commands.RequireExit(Commands.Done, second);
        Assert.Equal(StopAndResumeTests.Undisturbed, run.Weights);
        run.RequireCheckpointsWhole(TrainingJob.Name);
        run.RequireNobodyLeft();
    });

    private static void WithSmallDisk(string size, Action<RealRun, string> body) => RealRun.In(run =>
    {
        var disk = Path.Combine(run.Root, "small");
        Directory.CreateDirectory(disk);
        if (Tool("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", disk) != 0)
        {
            var why = "a small disk needs the right to mount one: run as root";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", why);
            Console.WriteLine($"skip: {why}");
            Assert.Skip(why);
        }

        try
        {
            body(run, disk);
        }
        finally
        {
            RealRun.Until("all are dead", () => run.Kill(_ => true) == 0);
            Tool("umount", "-l", disk);
        }
    });

    private static int Tool(string name, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private static void Fill(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (true)
                file.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // full
        }
    }

    private static void Flip(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
