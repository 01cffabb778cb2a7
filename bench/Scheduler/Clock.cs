using System.Diagnostics;

namespace Muster.Bench.Scheduler;

/// <summary>Seconds of this thread's work. The process does nothing else, so its processor time is the work's.</summary>
internal static class Clock
{
    public static double Cpu(Action work)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        work();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalSeconds;
    }

    public static double Wall(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }
}
