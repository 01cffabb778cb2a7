using System.Globalization;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Simulating;

namespace Muster.Cli.Sim.Pictures;

/// <summary>The pictures of one run.</summary>
internal static class RunPictures
{
    private const int CdfPointsMax = 600;

    /// <summary>Which part of the window's jobs had ended after how long.</summary>
    public static string JctCdf(IEnumerable<SimulationResult> results) => new Plot(
        "Job completion times", "hours from arrival to completion (log)", "part of the window's jobs", [.. results.Select(Cdf)], LogX: true, YMax: 1).Draw();

    public static string OverTime(RunRecorder recorder) => new Plot(
        "Utilisation and fairness", "simulated hours", "part of all GPUs; Jain's index",
        [
            new Series("GPUs in use", [.. recorder.Curve.Select(point => (point.Time / 3600, point.Busy))]),
            new Series("fairness among live jobs", [.. recorder.Curve.Select(point => (point.Time / 3600, point.Fairness))]),
        ], YMax: 1).Draw();

    public static string Queue(RunRecorder recorder) => new Plot(
        "Live and waiting jobs", "simulated hours", "jobs",
        [
            new Series("live", [.. recorder.Curve.Select(point => (point.Time / 3600, (double)point.Live))]),
            new Series("waiting for GPUs", [.. recorder.Curve.Select(point => (point.Time / 3600, (double)point.Waiting))]),
        ]).Draw();

    /// <summary>One row per GPU, one bar per job that held it without a break.</summary>
    public static string Timeline(RunRecorder recorder, ClusterShape cluster)
    {
        var row = Math.Clamp(640.0 / cluster.Gpus, 2, 14);
        var (left, top, width) = (84, 38, 860);
        var height = (int)(top + row * cluster.Gpus + 44);
        var svg = new Svg(left + width + 24, height);
        svg.Text(left, 22, recorder.TimelineIsFull ? "Cluster timeline (its beginning)" : "Cluster timeline", "b");
        var end = recorder.Bars.Count == 0 ? 1 : recorder.Bars.Max(bar => bar.End);
        var axis = new Axis([0, end / 3600], false, null, left, left + width);
        foreach (var tick in axis.Ticks)
        {
            svg.Line(axis.At(tick), top, axis.At(tick), height - 40, "g");
            svg.Text(axis.At(tick), height - 24, tick.ToString("0.##", CultureInfo.InvariantCulture), "s", "middle");
        }

        svg.Text(left + width / 2.0, height - 6, "simulated hours; a colour is a job", "s", "middle");
        for (var type = 0; type < cluster.Types; type++)
            svg.Text(left - 8, top + row * cluster.FirstWorker[type] + 11, $"{cluster.Pools[type].Type} × {cluster.Pools[type].Gpus}", "s", "end");
        foreach (var (gpu, job, from, to) in recorder.Bars)
            svg.Bar(
                axis.At(from / 3600), top + gpu * row, axis.At(to / 3600) - axis.At(from / 3600), Math.Max(row - 0.6, 1),
                Svg.Palette[job % Svg.Palette.Length], string.Create(CultureInfo.InvariantCulture, $"job {job}: {from / 3600:0.##} h to {to / 3600:0.##} h"));
        return svg.ToString();
    }

    /// <summary>Where the computer's time went.</summary>
    public static string TimeSpent(RunRecorder recorder)
    {
        (string Name, RunPhase Phase)[] phases =
            [("policy", RunPhase.Policy), ("selection and placement", RunPhase.Placement), ("bookkeeping", RunPhase.Bookkeeping)];
        var total = phases.Sum(phase => recorder.Spent(phase.Phase).TotalMilliseconds);
        var svg = new Svg(760, 96);
        svg.Text(20, 22, "Where the time of this run went", "b");
        var at = 20.0;
        for (var i = 0; i < phases.Length; i++)
        {
            var spent = recorder.Spent(phases[i].Phase).TotalMilliseconds;
            var width = total > 0 ? 720 * spent / total : 0;
            svg.Bar(at, 36, width, 22, Svg.Palette[i], phases[i].Name);
            svg.Bar(20 + i * 240, 72, 12, 12, Svg.Palette[i]);
            svg.Text(38 + i * 240, 82, string.Create(CultureInfo.InvariantCulture, $"{phases[i].Name}: {spent:0.0} ms"), "s");
            at += width;
        }

        return svg.ToString();
    }

    private static Series Cdf(SimulationResult result)
    {
        var jcts = result.Window.Where(job => job.JctSeconds is not null).Select(job => job.JctSeconds!.Value / 3600).Order().ToArray();
        var all = result.Last - result.First;
        var step = Math.Max(1, jcts.Length / CdfPointsMax);
        return new Series(
            result.Policy, [.. Enumerable.Range(0, jcts.Length).Where(i => i % step == 0 || i == jcts.Length - 1).Select(i => (jcts[i], (i + 1.0) / all))]);
    }
}
