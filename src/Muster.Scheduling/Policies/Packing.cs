using Muster.Scheduling.Rounds;
using Muster.Scheduling.Throughputs;

namespace Muster.Scheduling.Policies;

/// <summary>When two jobs on the same GPUs do more than they would in turns.</summary>
internal static class Packing
{
    /// <summary>What both do together on a type, each counted as a part of what it does alone; 0 where one cannot run or nobody measured.</summary>
    public static double Worth(JobKind a, JobKind b, int type)
    {
        if (a.ScaleFactor != b.ScaleFactor || a.Beside(b) is not { } mine || b.Beside(a) is not { } theirs)
            return 0;
        return mine[type] > 0 && theirs[type] > 0 && a.Isolated[type] > 0 && b.Isolated[type] > 0
            ? mine[type] / a.Isolated[type] + theirs[type] / b.Isolated[type] : 0;
    }

    /// <summary>Whether a pair is worth more than a threshold on some type.</summary>
    public static bool Pays(ScheduledJob a, ScheduledJob b, double threshold)
    {
        for (var type = 0; type < a.Throughput.Length; type++)
            if (Worth(a.Kind, b.Kind, type) > threshold)
                return true;
        return false;
    }
}
