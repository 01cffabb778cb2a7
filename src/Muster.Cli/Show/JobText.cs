using System.Globalization;
using Muster.Jobs.Nodes;
using Muster.Jobs.Views;

namespace Muster.Cli.Show;

/// <summary>How one job reads in a terminal: the same words in the live view, `status` and the last summary.</summary>
internal static class JobText
{
    public static string Phase(JobPhase phase) => phase.ToString().ToLowerInvariant();

    public static string Phase(RankFacts rank) => rank switch
    {
        { Exit: { IsSuccess: true } } => "done",
        { Exit: { } exit } => exit.Signal != 0 ? $"signal {exit.Signal}" : $"exit {exit.Code}",
        _ => rank.Phase.ToString().ToLowerInvariant(),
    };

    public static string Step(RankFacts rank) => (rank.Step, rank.StepsTotal) switch
    {
        (null, _) => "–",
        ({ } step, null) => step.ToString(),
        ({ } step, { } total) => $"{step}/{total}",
    };

    public static string Metrics(JobView view)
    {
        foreach (var rank in view.Ranks)
        {
            if (rank.Metrics.Count > 0)
                return string.Join("  ", rank.Metrics.Select(metric => $"{metric.Key} {Number(metric.Value)}"));
        }

        return "";
    }

    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 1e-3 or >= 1e6 => value.ToString("0.###e0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0000", CultureInfo.InvariantCulture),
    };

    /// <summary>Time left by the slowest rank that says how far it is; null when nobody does.</summary>
    public static TimeSpan? Left(JobView view)
    {
        double worst = -1;
        foreach (var rank in view.Ranks)
        {
            if (rank is { Step: { } step, StepsTotal: { } total, StepsPerSecond: > 0 })
                worst = Math.Max(worst, (total - step.Number) / rank.StepsPerSecond);
        }

        return worst < 0 ? null : TimeSpan.FromSeconds(Math.Min(worst, TimeSpan.FromDays(3650).TotalSeconds));
    }

    public static string Duration(TimeSpan time) => time.TotalHours >= 1
        ? $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}"
        : $"{time.Minutes:00}:{time.Seconds:00}";

    public static string Restart(RestartView restart) => $"generation {restart.Generation}: {restart.Detail} ({restart.Reason})";

    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{bytes / (double)(1L << 30):0.0} GiB",
        >= 1L << 20 => $"{bytes / (double)(1L << 20):0.0} MiB",
        >= 1L << 10 => $"{bytes / (double)(1L << 10):0.0} KiB",
        _ => $"{bytes} B",
    };
}
