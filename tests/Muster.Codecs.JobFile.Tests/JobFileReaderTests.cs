using Muster.Jobs.Specification;

namespace Muster.Codecs.JobFile.Tests;

public sealed class JobFileReaderTests
{
    private const string Everything = """
        name: charlm
        run: python3 train.py --lr 3e-4          # the same on every rank
        workdir: .
        env: { MODEL: small, TOKEN: null }
        gang: { nodes: 1..4, procsPerNode: 2, spares: 1, settle: 30s }
        resources: { accelerators: [H100:8, A100:8], memory: 64GB }
        checkpoint: { every: 200, keep: 3, to: file:///data/ckpt, onStop: save, uncommitted: 2 }
        restart: { max: 10, backoff: 1s..1m, resetAfter: 30m }
        liveness: { startAfter: 10m, hangAfter: 5m, isolated: continue, orphanAfter: 2m }
        stop: { signal: SIGTERM, grace: 30s }
        failure: { grace: 1s }
        maxRuntime: 3d
        rendezvous: { store: durable }
        warm: { python: [torch] }
        schedule: { policy: las, weight: 1, priority: 0, entity: research }
        onSuccess: { register: charlm, promote: staging }
        """;

    [Fact]
    public void Every_key_is_read()
    {
        var job = Read(Everything);

        Assert.Equal("charlm", job.Name.Name);
        Assert.Equal(["python3", "train.py", "--lr", "3e-4"], job.Run);
        Assert.Equal("/home/me", job.WorkingDirectory);
        Assert.Equal("small", job.Environment["MODEL"]);
        Assert.Null(job.Environment["TOKEN"]);
        Assert.Equal((1, 4, 2, 1), (job.Gang.NodesMin, job.Gang.NodesMax, job.Gang.ProcessesPerNode, job.Gang.Spares));
        Assert.Equal([new("H100", 8), new("A100", 8)], job.Resources.Accelerators);
        Assert.Equal(64_000_000_000, job.Resources.MemoryBytes);
        Assert.Equal((200, 3, "/data/ckpt", OnStop.Save, 2), (job.Checkpoint.Every, job.Checkpoint.Keep, job.Checkpoint.Directory, job.Checkpoint.OnStop, job.Checkpoint.UncommittedMax));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)), (job.Restart.BackoffMin, job.Restart.BackoffMax));
        Assert.Equal((15, TimeSpan.FromSeconds(30)), (job.Stop.Signal, job.Stop.Grace));
        Assert.Equal(TimeSpan.FromDays(3), job.RuntimeMax);
        Assert.Equal(["torch"], job.WarmPythonModules);
        Assert.Equal(("las", 1.0, 0, "research"), (job.Schedule.Policy, job.Schedule.Weight, job.Schedule.Priority, job.Schedule.Entity));
        Assert.Equal(("charlm", "staging"), (job.RegisterAs, job.PromoteTo));
    }

    [Fact]
    public void Everything_but_run_has_a_default()
    {
        var job = Read("run: train");

        Assert.Equal("my-job", job.Name.Name);
        Assert.Equal(1, job.Gang.ProcessesPerNode);
        Assert.Equal(10, job.Restart.Max);
    }

    [Theory]
    [InlineData("run: train\ncheckpiont: { every: 1 }", 2, 1, "did you mean checkpoint?")]
    [InlineData("run: train\ncheckpoint:\n  evry: 1", 3, 3, "did you mean every?")]
    [InlineData("run: train\ncheckpoint: { every: -1 }", 2, 22, "from 0 to")]
    [InlineData("run: train\ncheckpoint: 7", 2, 13, "must be a map of every, keep")]
    [InlineData("run: train\ngang: { nodes: 4..1 }", 2, 16, "a range such as 1..4")]
    [InlineData("run: train\nstop: { grace: 30 }", 2, 16, "a duration such as")]
    [InlineData("run: train\nresources: { memory: 64XB }", 2, 22, "a size such as")]
    [InlineData("run: train\nresources: { accelerators: [H100:0] }", 2, 29, "TYPE:COUNT")]
    [InlineData("run: train\nrestart: { backoff: 1m..1s }", 2, 21, "swap them")]
    [InlineData("run: train ${corpus}\nset: { corpsu: x }", 1, 6, "did you mean corpsu?")]
    [InlineData("run: train\nset: { corpus: null }", 2, 8, "has no default")]
    [InlineData("run: 'a \"b'", 1, 6, "left open")]
    [InlineData("run: train\nrun: again", 2, 1, "given twice")]
    [InlineData("name: Big Model\nrun: train", 1, 7, "must be 1 to 63")]
    [InlineData("run: train\nonSuccess: { promote: prod }", 2, 23, "needs onSuccess.register")]
    [InlineData("run: &a train", 1, 6, "anchors")]
    [InlineData("run: !!str train", 1, 6, "tags")]
    [InlineData("run: train\n---\nrun: other", 2, 1, "a second document")]
    [InlineData("run: [train", 2, 1, "not YAML")]
    [InlineData("", 1, 1, "run is missing")]
    public void An_error_says_where_and_what_to_do(string text, int line, int column, string says)
    {
        var error = Assert.Single(Errors(text));

        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(says, error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_come_at_once_in_the_order_of_the_file()
    {
        var errors = Errors("name: A\nrun: ''\ngang: { nodes: 0, procs: 1 }\nmaxRuntime: soon");

        Assert.Equal([1, 2, 3, 3, 4], errors.Select(error => error.Line));
    }

    [Fact]
    public void A_parameter_is_replaced_and_never_splits_a_word()
    {
        var job = Read("run: train --corpus ${corpus} $${HOME}\nset: { corpus: a.txt }\nenv: { C: 'x${corpus}' }", "corpus=my file.txt");

        Assert.Equal(["train", "--corpus", "my file.txt", "${HOME}"], job.Run);
        Assert.Equal("xmy file.txt", job.Environment["C"]);
    }

    [Fact]
    public void An_override_sets_a_key_of_the_file()
    {
        var job = Read("run: train\ncheckpoint: { every: 200, keep: 5 }", "checkpoint.every=50", "maxRuntime=2h", "gang.nodes=1..2");

        Assert.Equal((50, 5), (job.Checkpoint.Every, job.Checkpoint.Keep));
        Assert.Equal((TimeSpan.FromHours(2), 2), (job.RuntimeMax, job.Gang.NodesMax));
    }

    [Theory]
    [InlineData("checkpoint.evry=50", "did you mean checkpoint.every?")]
    [InlineData("corpu=x", "did you mean corpus?")]
    [InlineData("corpus", "NAME=VALUE")]
    [InlineData("checkpoint.every=often", "whole number")]
    public void A_wrong_override_names_itself(string setting, string says)
    {
        var error = Assert.Single(Errors("run: train\nset: { corpus: a }", setting));

        Assert.Equal($"--set {setting}", error.Source);
        Assert.Contains(says, error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void On_one_machine_the_gang_must_allow_one_node()
    {
        var result = JobFileReader.Read("run: train\ngang: { nodes: 2..4 }", new() { BaseDirectory = "/home/me", SingleMachine = true });

        var refused = Assert.IsType<JobFileResult.Refused>(result);
        Assert.Contains("must allow 1", Assert.Single(refused.Errors).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_is_a_job_too_and_its_words_are_taken_as_they_are()
    {
        var result = JobFileReader.FromCommand(
            ["python3", "a b.py", "${x}"], new() { BaseDirectory = "/w", DefaultName = "Train_1.py", Overrides = ["gang.procsPerNode=4"] });

        var job = Assert.IsType<JobFileResult.Read>(result).Specification;
        Assert.Equal(["python3", "a b.py", "${x}"], job.Run);
        Assert.Equal(("train-1-py", 4), (job.Name.Name, job.Gang.ProcessesPerNode));
    }

    private static JobSpecification Read(string text, params string[] overrides)
    {
        var result = JobFileReader.Read(text, new() { BaseDirectory = "/home/me", DefaultName = "my job", Overrides = [.. overrides] });
        Assert.True(result is JobFileResult.Read, string.Join('\n', (result as JobFileResult.Refused)?.Errors ?? []));
        return ((JobFileResult.Read)result).Specification;
    }

    private static IReadOnlyList<JobFileError> Errors(string text, params string[] overrides) =>
        Assert.IsType<JobFileResult.Refused>(
            JobFileReader.Read(text, new() { BaseDirectory = "/home/me", Overrides = [.. overrides] })).Errors;
}

public sealed class JobFileReferenceTests
{
    [Fact]
    public void The_reference_names_every_key_with_its_default()
    {
        var reference = File.ReadAllText(Path.Combine(Root(), "docs", "job-file.md"));
        var job = ((JobFileResult.Read)JobFileReader.Read("run: x", new() { BaseDirectory = "/" })).Specification;

        Assert.All(JobFileFields.All, field => Assert.Contains($"| `{field.Key}` |", reference, StringComparison.Ordinal));
        foreach (var field in JobFileFields.All.Where(field => field.Key.Contains('.', StringComparison.Ordinal)))
        {
            var line = reference.Split('\n').First(line => line.StartsWith($"| `{field.Key}` |", StringComparison.Ordinal));
            Assert.Contains($"| `{field.Write(job)}`", line, StringComparison.Ordinal);
        }
    }

    private static string Root([System.Runtime.CompilerServices.CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", ".."));
}
