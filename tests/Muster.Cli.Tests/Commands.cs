using Muster.RealRuns;

namespace Muster.Cli.Tests;

/// <summary>Exit codes as docs/cli.md states them, and commands that tests run.</summary>
internal static class Commands
{
    public const int Done = 0, Usage = 1, ProgramFailed = 3, Stopped = 4, Infrastructure = 5, Refused = 6;

    /// <summary>Runs any program as a job, to its end.</summary>
    public static MusterProcess RunProgram(RealRun run, string[] options, params string[] program) =>
        run.Run([.. (string[])["run", "--data", run.Data, "-o", "json", "--name", TrainingJob.Name], .. options, "--", .. program]);

    public static MusterProcess StartProgram(RealRun run, string[] options, params string[] program) =>
        run.Start([.. (string[])["run", "--data", run.Data, "-o", "json", "--name", TrainingJob.Name], .. options, "--", .. program]);

    /// <summary>A command about the job.</summary>
    public static MusterProcess About(RealRun run, string command, params string[] more) =>
        run.Run([.. command.Split(' '), TrainingJob.Name, .. more, "--data", run.Data]);

    public static void RequireExit(int code, MusterProcess command) =>
        Assert.True(command.Wait() == code, $"exit code {command.Wait()} and not {code}\n{command.Output}\n{command.Errors}");

    /// <summary>A job in training, with a checkpoint committed, that waits at step 24 until it is released or killed.</summary>
    public static MusterProcess StartHeld(RealRun run, TrainingJob? job = null)
    {
        (job ?? new TrainingJob { Extra = "--hold training@24" }).Write(run);
        var command = TrainingJob.Start(run);
        RealRun.Until("two checkpoints are committed", () => command.Events("committed").Count() >= 2 || Ended(command));
        RealRun.Until("ranks wait", () => run.TraceOf(0)[^1] is { Phase: "training", Step: 24 });
        return command;
    }

    private static bool Ended(MusterProcess command) =>
        command.HasExited ? throw new InvalidOperationException("the command ended too early") : false;
}
