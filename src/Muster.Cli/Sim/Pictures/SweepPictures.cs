using System.Globalization;
using System.Text;

namespace Muster.Cli.Sim.Pictures;

/// <summary>The pictures and tables of a sweep.</summary>
internal static class SweepPictures
{
    /// <summary>Average JCT against load; a point needs every seed to have finished.</summary>
    public static string Averages(IReadOnlyList<SweepRow> rows) => new Plot(
        "Average job completion time against load", "jobs per hour", "average JCT, hours (log)",
        [.. Lines(rows, cell => cell.All(row => row.AverageJctS is not null) ? cell.Average(row => row.AverageJctS!.Value) / 3600 : double.NaN)], LogY: true).Draw();

    public static string Utilisation(IReadOnlyList<SweepRow> rows) => new Plot(
        "Utilisation against load", "jobs per hour", "busy part of GPU time", [.. Lines(rows, cell => cell.Average(row => row.Utilization))], YMax: 1).Draw();

    /// <summary>JCTs at one rate, all seeds together.</summary>
    public static string Cdf(IReadOnlyList<SweepRow> rows, double rate) => new Plot(
        string.Create(CultureInfo.InvariantCulture, $"Job completion times at {rate:0.##} jobs per hour"), "hours from arrival to completion (log)", "part of the completed jobs",
        [
            .. rows.Where(row => row.JobsPerHour == rate && row.JctQuantilesS.Length > 0).GroupBy(row => row.Policy).Select(group => new Series(
                group.Key, [.. Enumerable.Range(0, 101).Select(part => (group.Average(row => row.JctQuantilesS[part]) / 3600, part / 100.0))])),
        ], LogX: true, YMax: 1).Draw();

    public static string Csv(IReadOnlyList<SweepRow> rows)
    {
        var text = new StringBuilder("policy,jobs_per_hour,seed,verdict,average_jct_s,unfinished,utilization,rounds,end_s,wall_ms\n");
        foreach (var row in rows)
            text.Append(CultureInfo.InvariantCulture,
                $"{row.Policy},{row.JobsPerHour:R},{row.Seed},{row.Verdict},{row.AverageJctS:R},{row.Unfinished},{row.Utilization:R},{row.Rounds},{row.EndS:R},{row.WallMs:F1}\n");
        return text.ToString();
    }

    /// <summary>One row per rate, one column per policy: mean over the seeds with its 95 % interval, or the verdict.</summary>
    public static (string[] Head, string[][] Rows) Table(IReadOnlyList<SweepRow> rows)
    {
        var policies = rows.Select(row => row.Policy).Distinct().ToArray();
        return (["jobs/h", .. policies], [
            .. rows.GroupBy(row => row.JobsPerHour).OrderBy(group => group.Key).Select(group => (string[])[
                group.Key.ToString("0.##", CultureInfo.InvariantCulture), .. policies.Select(policy => Cell([.. group.Where(row => row.Policy == policy)]))])]);
    }

    public static string Cell(IReadOnlyList<SweepRow> cell)
    {
        if (cell.FirstOrDefault(row => row.AverageJctS is null) is { } bad)
            return $"{bad.Verdict} ({cell.Count(row => row.AverageJctS is null)} of {cell.Count})";
        var (mean, half) = Statistics.Interval([.. cell.Select(row => row.AverageJctS!.Value / 3600)]);
        return double.IsNaN(half) ? mean.ToString("0.00", CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{mean:0.00} ± {half:0.00}");
    }

    private static IEnumerable<Series> Lines(IReadOnlyList<SweepRow> rows, Func<SweepRow[], double> measure) =>
        rows.GroupBy(row => row.Policy).Select(group => new Series(
            group.Key, [.. group.GroupBy(row => row.JobsPerHour).OrderBy(cell => cell.Key).Select(cell => (cell.Key, measure([.. cell])))], Dots: true));
}
