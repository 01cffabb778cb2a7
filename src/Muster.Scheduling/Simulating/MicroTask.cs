using Muster.Scheduling.Rounds;

namespace Muster.Scheduling.Simulating;

/// <summary>One job's work of one round.</summary>
internal readonly record struct MicroTask(ScheduledUnit Unit, ScheduledJob Job, int Type, double Steps, double FinishSeconds) : IComparable<MicroTask>
{
    /// <summary>The latest finish first, then the lower job id.</summary>
    public int CompareTo(MicroTask other) =>
        FinishSeconds != other.FinishSeconds ? other.FinishSeconds.CompareTo(FinishSeconds) : Job.Id.CompareTo(other.Job.Id);

    /// <summary>Steps of each GPU but the last, which takes the rest.</summary>
    private double Each => Math.Floor(Steps / Job.Gpus);

    private double Rest => Steps - Each * (Job.Gpus - 1);

    /// <summary>Whether every GPU of the gang had at least one step; a remainder below that counts as a failed round.</summary>
    public bool Advances => Rest > 0 && (Job.Gpus == 1 || Each > 0);

    /// <summary>The steps as the GPUs' parts add up to: of a fraction, the last bits may differ from <see cref="Steps"/>.</summary>
    public double StepsOfParts
    {
        get
        {
            if (Job.Gpus == 1)
                return Steps;
            var sum = 0.0;
            for (var i = 1; i < Job.Gpus; i++)
                sum += Each;
            return sum + Rest;
        }
    }
}
