using System.Text.Json;
using Muster.RealRuns;

namespace Muster.Cli.Tests;

/// <summary>Commands that look, while the job runs and when nobody owns it any more.</summary>
public sealed class LookingTests
{
    [Fact]
    public void Everything_can_be_seen_while_the_job_runs_and_afterwards() => RealRun.In(run =>
    {
        var command = Commands.StartHeld(run);
        See(run, "running", checkpoints: 2);
        run.Release("training");
        Commands.RequireExit(Commands.Done, command);
        run.RequireNobodyLeft();

        See(run, "completed", checkpoints: 3);

        var logs = Commands.About(run, "logs", "--rank", "0");
        Assert.Contains($"weights {run.Weights}", logs.Output, StringComparison.Ordinal);
        Assert.All(logs.Lines, line => Assert.StartsWith("[0]", line, StringComparison.Ordinal));
    });

    [Fact]
    public void A_job_that_is_over_can_be_removed_and_one_that_runs_cannot() => RealRun.In(run =>
    {
        var command = Commands.StartHeld(run);

        Commands.RequireExit(Commands.Refused, Commands.About(run, "rm"));
        run.Release("training");
        Commands.RequireExit(Commands.Done, command);
        Commands.RequireExit(Commands.Done, Commands.About(run, "rm"));

        Assert.False(Directory.Exists(run.Data));
    });

    [Fact]
    public void Stopping_what_does_not_run_is_refused() => RealRun.In(run =>
    {
        Commands.RequireExit(Commands.Done, Commands.RunProgram(run, [], "true"));

        var stop = Commands.About(run, "stop");

        Commands.RequireExit(Commands.Refused, stop);
        Assert.Contains("not running", stop.Errors, StringComparison.Ordinal);
    });

    [Fact]
    public void Retention_leaves_a_pinned_checkpoint_alone() => RealRun.In(run =>
    {
        var command = Commands.StartHeld(run);

        Commands.RequireExit(Commands.Done, Commands.About(run, "ckpt pin", "10"));
        run.Release("training");

        Commands.RequireExit(Commands.Done, command);
        Assert.Equal([40, 30, 20, 10], run.RequireCheckpointsWhole(TrainingJob.Name));
    });

    [Fact]
    public void The_doctor_gives_each_thing_a_verdict() => RealRun.In(run =>
    {
        var command = run.Run("doctor", "-o", "json", "--data", run.Root);

        Commands.RequireExit(Commands.Done, command);
        var verdicts = command.Json.ToList();
        Assert.True(verdicts.Count >= 4, command.Output);
        Assert.All(verdicts, finding => Assert.Contains(finding.GetProperty("verdict").GetString(), (string[])["Ok", "Warning"]));
        Assert.All(verdicts, finding => Assert.NotEmpty(finding.GetProperty("found").GetString()!));
    });

    [Fact]
    public void A_plan_fills_in_every_default() => RealRun.In(run =>
    {
        new TrainingJob().Write(run);

        var command = run.Run("plan", run.JobFile);

        Commands.RequireExit(Commands.Done, command);
        Assert.Contains("hangAfter", command.Output, StringComparison.Ordinal);
        Assert.Contains("every: 10", command.Output, StringComparison.Ordinal);
    });

    private static void See(RealRun run, string phase, int checkpoints)
    {
        var status = One(Commands.About(run, "status", "-o", "json")).GetProperty("view");
        Assert.Equal(phase, status.GetProperty("phase").GetString(), ignoreCase: true);
        var listed = Assert.Single(One(run.Run("ps", "--data", run.Data, "-o", "json")).GetProperty("jobs").EnumerateArray());
        Assert.Equal(phase, listed.GetProperty("phase").GetString(), ignoreCase: true);
        var why = Commands.About(run, "why");
        Commands.RequireExit(Commands.Done, why);
        Assert.Contains($"cell is {phase}", why.Output, StringComparison.Ordinal);
        var events = One(Commands.About(run, "events", "-o", "json")).GetProperty("events");
        Assert.Contains(events.EnumerateArray(), decided => decided.GetProperty("kind").GetString() == "committed");
        Assert.Contains("of 40", Commands.About(run, "logs").Output, StringComparison.Ordinal);
        Assert.Equal(checkpoints, run.RequireCheckpointsWhole(TrainingJob.Name).Count);
    }

    private static JsonElement One(MusterProcess command)
    {
        Commands.RequireExit(Commands.Done, command);
        return Assert.Single(command.Json);
    }
}
