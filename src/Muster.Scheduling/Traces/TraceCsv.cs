using System.Globalization;
using System.Text;

namespace Muster.Scheduling.Traces;

/// <summary>Workloads as comma-separated values with a header, at full precision.</summary>
/// <remarks>Columns by name, in any order: arrival_s, model, scale_factor, total_steps; optional: id, duration_s, priority_weight, deadline_s, entity.</remarks>
public static class TraceCsv
{
    private const string Header = "id,arrival_s,model,scale_factor,total_steps,duration_s,priority_weight,deadline_s,entity";

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="SchedulingInputException">It is not such a trace; the text names line and column.</exception>
    public static IReadOnlyList<TraceJob> Read(string text, string file)
    {
        var table = new TraceTable(text, file);
        var (arrival, model, gpus, steps) = (table.Require("arrival_s"), table.Require("model"), table.Require("scale_factor"), table.Require("total_steps"));
        var (duration, weight, deadline, entity) = (
            table.Find("duration_s"), table.Find("priority_weight"), table.Find("deadline_s"), table.Find("entity"));
        var jobs = new List<TraceJob>();
        while (table.Next())
            jobs.Add(new TraceJob(
                jobs.Count, table.Lines.Arrival(arrival, jobs), table.Lines.Text(model), table.Lines.Whole(gpus, 1, TraceLines.GpusMax),
                table.Lines.Number(steps, 0, double.MaxValue), table.Maybe(duration) ?? 0, table.Maybe(weight, double.Epsilon) ?? 1, table.Maybe(deadline, double.Epsilon),
                entity < 0 ? "" : table.Lines.Fields[entity].Text));
        return jobs;
    }

    /// <summary>Writes jobs so that <see cref="Read"/> gives equal doubles.</summary>
    public static string Write(IEnumerable<TraceJob> jobs)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (var job in jobs)
            text.Append(CultureInfo.InvariantCulture,
                $"{job.Id},{job.ArrivalSeconds:R},{Quote(job.Model)},{job.ScaleFactor},{job.TotalSteps:R},{job.DurationSeconds:R},{job.Weight:R},{job.DeadlineSeconds:R},{Quote(job.Entity)}\n");
        return text.ToString();
    }

    private static string Quote(string value) => value.AsSpan().IndexOfAny(',', '"') < 0 ? value : $"\"{value.Replace("\"", "\"\"")}\"";
}
