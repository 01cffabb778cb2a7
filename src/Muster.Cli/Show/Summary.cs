using Muster.Jobs.Views;

namespace Muster.Cli.Show;

/// <summary>The last line of a run, and its exit code.</summary>
internal static class Summary
{
    private const string ResultNotSaved = "result-not-saved";

    public static string Of(JobView view, TimeSpan running)
    {
        var restarts = view.Restarts.Length switch
        {
            0 => "no restart",
            1 => "1 restart",
            var many => $"{many} restarts",
        };
        var checkpoint = view.LastCheckpoint is { } last ? $", last checkpoint {last.Step}" : "";
        var head = $"{view.Job} {JobText.Phase(view.Phase)} after {JobText.Duration(running)}: {restarts}{checkpoint}.";
        return view.Phase switch
        {
            // The reason says more than that where the last checkpoint is not that of the last step.
            JobPhase.Completed when view.Reason.Contains(':', StringComparison.Ordinal) => $"{Style.Green(head)} {Style.Red(view.Reason)}",
            JobPhase.Completed => Style.Green(head),
            JobPhase.Stopped => head + " The same command resumes it.",
            JobPhase.Failed => Style.Red(head) + $" {view.Reason} See: muster why {view.Job}",
            _ => head,
        };
    }

    public static int ExitCodeOf(JobView? view) => view?.Phase switch
    {
        JobPhase.Completed => ExitCode.Done,
        JobPhase.Failed when view.Restarts is [.., { Reason: ResultNotSaved }] => ExitCode.Infrastructure,
        JobPhase.Failed => ExitCode.ProgramFailed,
        JobPhase.Stopped or JobPhase.Cancelled => ExitCode.Stopped,
        JobPhase.Waiting => ExitCode.NotPlaced,
        _ => ExitCode.Infrastructure,
    };

    /// <summary>Whether nothing more happens to the job by itself.</summary>
    public static bool IsOver(JobPhase phase) =>
        phase is JobPhase.Completed or JobPhase.Failed or JobPhase.Stopped or JobPhase.Cancelled;
}
