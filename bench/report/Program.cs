using System.Diagnostics;
using System.Globalization;
using Muster.Worker;

// Prints one JSON object: what a call of Report costs the loop. Started by report.py, which plays the keeper.
var count = int.Parse(args[0], CultureInfo.InvariantCulture);
var pause = long.Parse(args[1], CultureInfo.InvariantCulture) * Stopwatch.Frequency / 1_000_000;
var ticks = new long[count];
using var run = TrainingRun.Join();
var allocated = 0L;
foreach (var step in run.Steps(count))
{
    var bytes = GC.GetAllocatedBytesForCurrentThread();
    var begin = Stopwatch.GetTimestamp();
    run.Report(("loss", 2.5), ("rate", 3e-4));
    var end = Stopwatch.GetTimestamp();
    ticks[step] = end - begin;
    allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
    while (Stopwatch.GetTimestamp() - end < pause)
    {
        // the step's own work
    }
}

Array.Sort(ticks);
double Microseconds(double share) => ticks[Math.Min(count - 1, (int)(share * count))] * 1e6 / Stopwatch.Frequency;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $$"""{"mean_us": {{ticks.Average() * 1e6 / Stopwatch.Frequency:0.###}}, "p50_us": {{Microseconds(0.5):0.###}}, "p99_us": {{Microseconds(0.99):0.###}}, "max_us": {{Microseconds(1):0.###}}, "bytes_allocated_per_report": {{(double)allocated / count:0.##}}}"""));
