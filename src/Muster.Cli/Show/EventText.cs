using Muster.Jobs.Views;

namespace Muster.Cli.Show;

/// <summary>Decisions as lines of text.</summary>
internal static class EventText
{
    public static string Line(JobEvent decision) => $"{Kind(decision.Kind)} {decision.Text}";

    /// <summary>Housekeeping is for `muster events`.</summary>
    public static bool IsShown(JobEvent decision) => decision.Kind is not ("retired" or "swept");

    /// <summary>Commits come by the dozen, and the state below shows the last one.</summary>
    public static bool IsShownLive(JobEvent decision) => IsShown(decision) && decision.Kind is not ("committed" or "running");

    private static string Kind(string kind) => kind switch
    {
        "closed" or "quarantined" or "failed" => Style.Red($"{kind,-12}"),
        "completed" or "committed" => Style.Green($"{kind,-12}"),
        _ => Style.Dim($"{kind,-12}"),
    };
}
