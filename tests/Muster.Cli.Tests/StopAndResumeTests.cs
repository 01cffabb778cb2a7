using Muster.RealRuns;

namespace Muster.Cli.Tests;

/// <summary>Stopping, and typing the command again.</summary>
public sealed class StopAndResumeTests
{
    /// <summary>Long enough that a stop asked for at step 24 comes before the end, whatever margin is announced.</summary>
    private static readonly TrainingJob s_longer = new() { Steps = 150, StepMilliseconds = 5, Extra = "--hold training@24" };

    private static readonly Lazy<string> s_undisturbed = new(() => WeightsOf(new TrainingJob()));

    internal static string Undisturbed => s_undisturbed.Value;

    private static string WeightsOf(TrainingJob job)
    {
        var weights = "";
        RealRun.In(run =>
        {
            job.Write(run);
            Commands.RequireExit(Commands.Done, TrainingJob.Start(run));
            weights = run.Weights;
        });
        return weights;
    }

    [Fact]
    public void Ctrl_C_stops_resumably_and_the_same_command_goes_on_to_the_same_weights() => RealRun.In(run =>
    {
        var first = Commands.StartHeld(run, s_longer);

        first.Signal(ProcessTable.SigInt);
        RealRun.Until("it says so", () => first.Output.Contains("stopping, resumably", StringComparison.Ordinal));
        run.Release("training");
        Commands.RequireExit(Commands.Stopped, first);
        Assert.Equal("stopped", first.Json.Last().GetProperty("state").GetString());
        run.RequireNobodyLeft();
        var second = TrainingJob.Start(run);

        Commands.RequireExit(Commands.Done, second);
        Assert.Equal(WeightsOf(s_longer with { Extra = "" }), run.Weights);
        // The stop saved where training was: no step is repeated.
        Assert.Equal(150, run.TraceOf(0).Count(line => line.Phase == "training"));
        Assert.Contains(run.TraceOf(0), line => line is { Generation: 2, Phase: "restoring", Step: > 20 });
    });

    [Fact]
    public void A_second_Ctrl_C_does_not_wait_for_ranks_that_do_not_end() => RealRun.In(run =>
    {
        var command = Commands.StartProgram(run, ["--set", "stop.grace=50s"], "/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.1; done");
        RealRun.Until("it runs", () => command.Events("running").Any() && run.Processes.Any(process => process.Rank == 0));

        command.Signal(ProcessTable.SigInt);
        RealRun.Until("it says so", () => command.Output.Contains("stopping, resumably", StringComparison.Ordinal));
        Thread.Sleep(300);
        Assert.False(command.HasExited);
        command.Signal(ProcessTable.SigInt);

        Assert.Equal(Commands.Stopped, command.Wait(TimeSpan.FromSeconds(30)));
        run.RequireNobodyLeft();
    });

    [Fact]
    public void A_stop_cancels_and_kills_ranks_that_ignore_the_signal_with_their_children() => RealRun.In(run =>
    {
        var command = Commands.StartProgram(
            run, ["--set", "stop.grace=300ms"], "/bin/sh", "-c", "trap '' TERM; (trap '' TERM; sleep 600; true) & while :; do sleep 0.1; done");
        RealRun.Until("rank and grandchild run", () => command.Events("running").Any() && run.Processes.Count(process => process.Rank == 0) >= 3);

        Commands.RequireExit(Commands.Done, Commands.About(run, "stop"));

        Commands.RequireExit(Commands.Stopped, command);
        Assert.Equal("cancelled", command.Json.Last().GetProperty("state").GetString());
        run.RequireNobodyLeft();
    });

    [Fact]
    public void A_stop_with_a_checkpoint_saves_where_training_is() => RealRun.In(run =>
    {
        var command = Commands.StartHeld(run, s_longer);
        var stop = run.Start("stop", TrainingJob.Name, "--checkpoint", "--data", run.Data);
        Commands.RequireExit(Commands.Done, stop);
        run.Release("training");

        Commands.RequireExit(Commands.Stopped, command);

        Assert.InRange(run.RequireCheckpointsWhole(TrainingJob.Name)[0], 24, 149);
        run.RequireNobodyLeft();
    });

    [Fact]
    public void A_completed_job_shows_its_result_and_how_to_run_it_again() => RealRun.In(run =>
    {
        new TrainingJob { Steps = 10 }.Write(run);
        Commands.RequireExit(Commands.Done, TrainingJob.Start(run));
        var generations = run.TraceOf(0).Count(line => line.Phase == "starting");

        var shown = TrainingJob.Start(run);
        Commands.RequireExit(Commands.Done, shown);
        Assert.Contains("--again", shown.Output, StringComparison.Ordinal);
        Assert.Equal("completed", shown.Json.Last().GetProperty("state").GetString());
        Assert.Equal(generations, run.TraceOf(0).Count(line => line.Phase == "starting"));
        Commands.RequireExit(Commands.Done, TrainingJob.Start(run, "--again"));

        Assert.Equal(20, run.TraceOf(0).Count(line => line.Phase == "training"));     // from the beginning
    });

    [Fact]
    public void A_changed_job_file_is_refused_unless_it_is_meant() => RealRun.In(run =>
    {
        var first = Commands.StartHeld(run);
        run.Kill(_ => true);
        first.Wait();
        new TrainingJob { Every = 8 }.Write(run);

        var refused = TrainingJob.Start(run);
        Commands.RequireExit(Commands.Refused, refused);
        Assert.Contains("--accept-change", refused.Errors, StringComparison.Ordinal);
        var accepted = TrainingJob.Start(run, "--accept-change");

        Commands.RequireExit(Commands.Done, accepted);
        Assert.Equal(Undisturbed, run.Weights);
    });

    [Fact]
    public void A_job_that_runs_is_not_started_twice() => RealRun.In(run =>
    {
        var first = Commands.StartHeld(run);

        var second = TrainingJob.Start(run);
        Commands.RequireExit(Commands.Refused, second);
        Assert.Contains("running already", second.Errors, StringComparison.Ordinal);
        run.Release("training");

        Commands.RequireExit(Commands.Done, first);
        Assert.Equal(Undisturbed, run.Weights);
    });

    [Fact]
    public void What_a_job_writes_itself_does_not_make_it_another_job() => RealRun.In(run =>
    {
        Commands.RequireExit(Commands.Done, Commands.RunProgram(run, [], "/bin/sh", "-c", "echo $RANK > out.txt", "out.txt"));

        Commands.RequireExit(Commands.Done, Commands.RunProgram(run, [], "/bin/sh", "-c", "echo $RANK > out.txt", "out.txt"));
    });
}
