using Muster.Scheduling.Clusters;
using Muster.Scheduling.Rounds;

namespace Muster.Scheduling.Simulating;

/// <summary>Tells a run that will never end from one that takes its time.</summary>
/// <remarks>
/// Stuck: no step of any job up to the window's end for so many rounds, unless a small share explains it. Jobs before the window count, since a queue in order of arrival
/// serves them first; jobs after it do not. Overloaded: more live jobs than any queue that drains, and more than half as much again as
/// when half of the jobs had come.
/// </remarks>
internal sealed class BacklogWatch(ClusterShape cluster, SimulationOptions options)
{
    private const int SampleEvery = 64;

    /// <summary>Turns that a job with a share may miss.</summary>
    private const double TurnsMax = 100;

    /// <summary>Rounds after which a job that has a share and never runs counts as stuck all the same.</summary>
    private const double TurnRoundsMax = 5_000;
    private readonly List<int> _samples = [];
    private int _idleRounds;
    private bool _advanced;

    public void Advanced(ScheduledJob job) => _advanced |= options.Last is not { } last || job.Id < last;

    public Verdict? Judge(RoundMechanism mechanism, double now, bool anyRunning, bool moreToCome)
    {
        var waiting = mechanism.Jobs.Count > 0 && (options.Last is not { } last || mechanism.Jobs[0].Id < last);
        _idleRounds = waiting && !_advanced ? _idleRounds + 1 : 0;
        _advanced = false;
        if ((_idleRounds > options.StuckRounds && _idleRounds > RoundsUntilTurn(mechanism)) || (waiting && !anyRunning && !moreToCome && _idleRounds > 1))
            return new Verdict.Stuck(WhyStuck(mechanism, now));
        if (mechanism.Rounds >= options.RoundsMax)
            return new Verdict.Stuck($"{options.RoundsMax} rounds, {mechanism.Jobs.Count} jobs live at {now / 3600:F1} h");
        return mechanism.Rounds % SampleEvery == 0 ? JudgeLoad(mechanism.Jobs.Count, now) : null;
    }

    /// <summary>A small share is a turn once in many rounds, and no sign that a job is stuck.</summary>
    private double RoundsUntilTurn(RoundMechanism mechanism)
    {
        var share = 0.0;
        foreach (var job in mechanism.Jobs)
        {
            if (job.Id >= (options.Last ?? int.MaxValue))
                break;
            for (var type = 0; job.Allocated && type < cluster.Types; type++)
                if (job.Throughput[type] > 0 && job.Gpus <= cluster.Pools[type].Gpus)
                    share = Math.Max(share, job.Alone.Share[type]);
        }

        return share > 0 ? Math.Min(TurnsMax / share, TurnRoundsMax) : 0;
    }

    private Verdict.Overloaded? JudgeLoad(int live, double now)
    {
        _samples.Add(live);
        var limit = Math.Max(SimulationOptions.LiveJobsMin, options.LivePerGpuMax * cluster.Gpus);
        return live > limit && live > 1.5 * _samples[_samples.Count / 2]
            ? new Verdict.Overloaded(
                $"{live} jobs live at {now / 3600:F1} h on {cluster.Gpus} GPUs and more coming than end: lower the rate or add GPUs")
            : null;
    }

    private string WhyStuck(RoundMechanism mechanism, double now)
    {
        var misfit = mechanism.Jobs.FirstOrDefault(job => !job.FitsSomewhere(cluster));
        var job = misfit ?? mechanism.Jobs[0];
        var needs = $"job {job.Id} ({job.Source.Model}) needs {job.Gpus} × one GPU type";
        return misfit is not null
            ? $"{needs} that it can run on; {cluster} has no such type with so many: it never runs. Add GPUs or leave the job out"
            : $"no step in {_idleRounds} rounds up to {now / 3600:F1} h; {needs} and waits";
    }
}
