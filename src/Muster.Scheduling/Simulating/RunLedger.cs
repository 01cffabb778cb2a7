using Muster.Scheduling.Clusters;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Throughputs;

namespace Muster.Scheduling.Simulating;

/// <summary>What became of every job and how long every GPU was busy.</summary>
internal sealed class RunLedger(ClusterShape cluster)
{
    private readonly List<(ScheduledJob Job, bool Ended, double? Completion)> _jobs = [];
    private readonly double[] _busy = new double[cluster.Gpus];
    private int _endedBefore;

    public int Count => _jobs.Count;

    public void Arrive(ScheduledJob job)
    {
        Primitives.Invariant.Require(job.Id == _jobs.Count);
        _jobs.Add((job, false, null));
    }

    public void End(ScheduledJob job, double? completion) => _jobs[job.Id] = (job, true, completion);

    public void Busy(int[] workers, double seconds)
    {
        foreach (var worker in workers)
            _busy[worker] += seconds;
    }

    /// <summary>Whether every job of a window has arrived and ended.</summary>
    public bool AllEnded(int first, int last)
    {
        if (_jobs.Count < last)
            return false;
        _endedBefore = Math.Max(_endedBefore, first);
        while (_endedBefore < last && _jobs[_endedBefore].Ended)
            _endedBefore++;
        return _endedBefore >= last;
    }

    public double Utilization(double end)
    {
        var sum = 0.0;
        foreach (var seconds in _busy)
            sum += end > 0 ? seconds / end : 0;
        return sum / _busy.Length;
    }

    public List<JobOutcome> Outcomes(ThroughputTable table)
    {
        Primitives.Invariant.Require(table.Types.Length == cluster.Types);
        return _jobs.ConvertAll(entry => new JobOutcome(
            entry.Job.Id, entry.Job.Source.Model, entry.Job.Gpus, entry.Job.Source.ArrivalSeconds, entry.Job.FirstPlacedSeconds,
            entry.Completion, entry.Job.StepsDone, entry.Job.RunSeconds, entry.Ended && entry.Completion is null,
            entry.Job.Source.DeadlineSeconds, entry.Job.Source.Entity, entry.Job.Weight, Isolated(entry.Job)));
    }

    private double Isolated(ScheduledJob job)
    {
        var best = 0.0;
        for (var type = 0; type < cluster.Types; type++)
            if (job.Gpus <= cluster.Pools[type].Gpus)
                best = Math.Max(best, job.Throughput[type]);
        return best > 0 ? job.Source.TotalSteps / best : double.PositiveInfinity;
    }
}
