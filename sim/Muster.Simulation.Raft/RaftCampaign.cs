namespace Muster.Simulation.Raft;

/// <summary>Many seeds, one after the other on each core, and what they came to.</summary>
public sealed class RaftCampaign
{
    private readonly List<RaftRunResult> _results = [];

    private RaftCampaign()
    {
    }

    /// <summary>Seeds run; when one failed and the rest was not asked for, up to and including the first that failed.</summary>
    public int Seeds => _results.Count;

    /// <summary>Inputs given to cores.</summary>
    public long Steps => _results.Sum(result => result.Counts.Steps);

    /// <summary>Virtual time of all runs together.</summary>
    public double VirtualSeconds => _results.Sum(result => result.VirtualSeconds);

    /// <summary>The seeds that broke a law, in order.</summary>
    public IReadOnlyList<RaftRunResult> Failed => [.. _results.Where(result => result.Broken is not null)];

    /// <summary>Runs the seeds from one to another, both included.</summary>
    public static RaftCampaign Run(ulong from, ulong to, long steps = RaftRun.StepsDefault, bool goesOn = false)
    {
        var campaign = new RaftCampaign();
        var batch = (ulong)Environment.ProcessorCount * 4;
        for (var start = from; start <= to; start += batch)
        {
            var results = new RaftRunResult[Math.Min(batch, to - start + 1)];
            Parallel.For(0, results.Length, i => results[i] = RaftRun.Run(start + (ulong)i, steps));
            var failedAt = Array.FindIndex(results, result => result.Broken is not null);
            campaign._results.AddRange(goesOn || failedAt < 0 ? results : results[..(failedAt + 1)]);
            if (failedAt >= 0 && !goesOn)
                break;
        }

        return campaign;
    }

    /// <summary>How often each thing happened, and in how many seeds.</summary>
    public IEnumerable<string> Describe()
    {
        string Line(string what, Func<RunCounts, long> count) =>
            $"{what}: {_results.Sum(result => count(result.Counts)):N0} in {_results.Count(result => count(result.Counts) > 0):N0} seeds";
        yield return Line("elections won", counts => counts.Elections);
        yield return Line("crashes", counts => counts.Crashes);
        yield return Line("writes lost in crashes", counts => counts.LostWrites);
        yield return Line("messages lost", counts => counts.LostMessages);
        yield return Line("messages repeated", counts => counts.Duplicates);
        yield return Line("partitions", counts => counts.Partitions);
        yield return Line("pauses", counts => counts.Pauses);
        yield return Line("disk stalls", counts => counts.DiskFaults);
        yield return Line("membership changes in force on a member", counts => counts.Changes);
        yield return Line("snapshots sent", counts => counts.Snapshots);
        yield return Line("leadership transfers asked for", counts => counts.Transfers);
        yield return Line("proposals acknowledged", counts => counts.Acknowledged);
        yield return Line("reads answered", counts => counts.Reads);
    }
}
