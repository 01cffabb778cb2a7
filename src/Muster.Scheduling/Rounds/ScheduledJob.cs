using Muster.Scheduling.Throughputs;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Rounds;

/// <summary>A job that has arrived and is not complete: what policies see of it.</summary>
public sealed class ScheduledJob
{
    /// <summary>A job with nothing done.</summary>
    /// <param name="source">What was asked.</param>
    /// <param name="kind">Its throughputs, one column per type of the cluster.</param>
    public ScheduledJob(TraceJob source, JobKind kind)
    {
        (Source, Kind, Throughput) = (source, kind, kind.Isolated);
        Alone = new ScheduledUnit(this, null, kind.Isolated, []);
    }

    /// <summary>What was asked.</summary>
    public TraceJob Source { get; }

    /// <summary>What it is, for throughputs beside another job.</summary>
    public JobKind Kind { get; }

    /// <summary>Its number, in the order of arrival.</summary>
    public int Id => Source.Id;

    /// <summary>GPUs of the gang.</summary>
    public int Gpus => Source.ScaleFactor;

    /// <summary>Weight in fair shares.</summary>
    public double Weight => Source.Weight;

    /// <summary>Shape [gpuTypes]; steps per second alone; 0 where it cannot run.</summary>
    public double[] Throughput { get; }

    /// <summary>Steps credited so far.</summary>
    public double StepsDone { get; internal set; }

    /// <summary>Steps still to do.</summary>
    public double StepsRemaining => Source.TotalSteps - StepsDone;

    /// <summary>Whether the last allocation knew this job.</summary>
    public bool Allocated { get; internal set; }

    /// <summary>Seconds it has run, on any type.</summary>
    public double RunSeconds { get; internal set; }

    /// <summary>When it first ran; null while it has not.</summary>
    public double? FirstPlacedSeconds { get; internal set; }

    /// <summary>This job with its GPUs to itself.</summary>
    internal ScheduledUnit Alone { get; }

    /// <summary>Rounds in a row that credited nothing.</summary>
    internal int Failures { get; set; }

    /// <summary>The number of the round that last selected it, alone or beside another.</summary>
    internal long SelectedRound { get; set; } = -1;

    /// <summary>Whether it can run on some type of the cluster.</summary>
    internal bool FitsSomewhere(Clusters.ClusterShape cluster)
    {
        for (var type = 0; type < cluster.Types; type++)
            if (Throughput[type] > 0 && Gpus <= cluster.Pools[type].Gpus)
                return true;
        return false;
    }
}
