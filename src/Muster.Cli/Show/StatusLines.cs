using Muster.Jobs.Views;

namespace Muster.Cli.Show;

/// <summary>A job's state as lines of text: head, rank grid, progress, restarts.</summary>
internal static class StatusLines
{
    private const int RanksShownMax = 32;
    private const int RestartsShownMax = 3;

    public static List<string> Of(JobView view, TimeSpan? running, int width)
    {
        var lines = new List<string>
        {
            $"{Style.Bold(view.Job.Name)}  {Style.Phase(view.Phase)}  generation {view.Generations}  attempt {view.Attempt}  "
                + (running is { } time ? Style.Dim(JobText.Duration(time)) : ""),
        };
        if (view.Phase is JobPhase.Waiting or JobPhase.Stopping or JobPhase.Failed)
            lines.Add($"  {view.Reason}");
        AddRanks(lines, view);
        lines.Add("  " + Progress(view));
        foreach (var restart in view.Restarts.TakeLast(RestartsShownMax))
            lines.Add("  " + Style.Yellow("restart ") + JobText.Restart(restart));
        if (view.Restarts.Length > RestartsShownMax)
            lines.Add(Style.Dim($"  … {view.Restarts.Length} restarts in all: muster events {view.Job}"));
        return [.. lines.Select(line => Style.Cut(line, width))];
    }

    private static void AddRanks(List<string> lines, JobView view)
    {
        if (view.Ranks.IsEmpty)
            return;
        lines.Add(Style.Dim($"  {"rank",4}  {"phase",-9} {"step",14} {"steps/s",9} {"pid",8}"));
        foreach (var rank in view.Ranks.Take(RanksShownMax))
        {
            var pace = rank.StepsPerSecond > 0 ? rank.StepsPerSecond.ToString("0.0") : "–";
            var phase = rank.Exit is { IsSuccess: false } ? Style.Red($"{JobText.Phase(rank),-9}") : $"{JobText.Phase(rank),-9}";
            lines.Add($"  {rank.Rank,4}  {phase} {JobText.Step(rank),14} {pace,9} {rank.Pid,8}{(rank.WarmStart ? " warm" : "")}");
        }

        foreach (var rank in view.Ranks.Where(rank => rank.SaveTrouble is not null).Take(RestartsShownMax))
            lines.Add($"  {Style.Red("not saved")}: rank {rank.Rank}, {rank.SaveTrouble}");
        if (view.Ranks.Length > RanksShownMax)
            lines.Add(Style.Dim($"  … and {view.Ranks.Length - RanksShownMax} more ranks"));
    }

    private static string Progress(JobView view)
    {
        var parts = new List<string>();
        if (JobText.Metrics(view) is { Length: > 0 } metrics)
            parts.Add(metrics);
        parts.Add(view.LastCheckpoint is { } last ? $"checkpoint {last.Step} committed" : "no checkpoint yet");
        if (view.RestoredFrom is { } restored)
            parts.Add($"resumed from {restored}");
        if (view.Phase == JobPhase.Running && JobText.Left(view) is { } left)
            parts.Add($"about {JobText.Duration(left)} left");
        if (view.WarmBytes > 0)
            parts.Add($"warm spares {JobText.Bytes(view.WarmBytes)}");
        return string.Join(Style.Dim("  ·  "), parts);
    }
}
