using System.Globalization;
using System.Text;

namespace Muster.Scheduling.Traces;

/// <summary>The literature's trace files: one job per line, ten fields between tabs.</summary>
/// <remarks>Model, command, directory, name of the steps argument, needs data 0/1, steps, GPUs, weight, deadline factor (-1: none), arrival.</remarks>
public static class GavelTrace
{
    private const int Fields = 10;

    /// <summary>Reads a whole file.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="file">Its name, for what may be wrong with it.</param>
    /// <exception cref="SchedulingInputException">It is not such a trace; the text names line and column.</exception>
    public static IReadOnlyList<TraceJob> Read(string text, string file)
    {
        var jobs = new List<TraceJob>();
        var lines = new TraceLines(text, file, '\t');
        while (lines.Next())
        {
            if (lines.Fields.Count != Fields)
                throw lines.Wrong(lines.Fields.Count, $"{lines.Fields.Count} fields where a job has {Fields} between tabs: is the file cut off?");
            var deadline = lines.Number(8, double.MinValue, double.MaxValue);
            jobs.Add(new TraceJob(
                jobs.Count, lines.Arrival(9, jobs), lines.Text(0), lines.Whole(6, 1, TraceLines.GpusMax), lines.Number(5, 0, double.MaxValue),
                0, lines.Number(7, double.Epsilon, double.MaxValue), deadline < 0 ? null : deadline));
        }

        return jobs;
    }

    /// <summary>Writes jobs so that <see cref="Read"/> reads them. Steps lose their fraction and arrivals all but six digits of theirs.</summary>
    public static string Write(IEnumerable<TraceJob> jobs)
    {
        var text = new StringBuilder();
        foreach (var job in jobs)
            text.Append(CultureInfo.InvariantCulture,
                $"{job.Model}\ttrain\t.\t--steps\t0\t{Math.Truncate(job.TotalSteps):F0}\t{job.ScaleFactor}\t{job.Weight:F0}\t{job.DeadlineSeconds ?? -1:F6}\t{job.ArrivalSeconds:F6}\n");
        return text.ToString();
    }
}
