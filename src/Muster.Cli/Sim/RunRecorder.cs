using System.Diagnostics;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Simulating;

namespace Muster.Cli.Sim;

/// <summary>Keeps of a run what its pictures show, within limits: curves thin out as a run grows, the timeline ends where it is full.</summary>
internal sealed class RunRecorder(ClusterShape cluster, bool pictures) : IRunObserver
{
    /// <summary>Points of a curve; beyond it every second one goes.</summary>
    public const int PointsMax = 1_500;

    /// <summary>Bars of the timeline.</summary>
    public const int BarsMax = 12_000;

    private readonly long[] _ticks = new long[3];
    private readonly (int Job, double Start)[] _open = [.. Enumerable.Repeat((-1, 0.0), cluster.Gpus)];
    private readonly int[] _current = new int[cluster.Gpus];
    private long _since = Stopwatch.GetTimestamp();
    private RunPhase _phase;
    private int _every = 1;
    private long _rounds;

    /// <summary>Time, GPUs in use as a part of all, fairness in [0, 1], live jobs, waiting jobs.</summary>
    public List<(double Time, double Busy, double Fairness, int Live, int Waiting)> Curve { get; } = [];

    /// <summary>GPU, job, from, to.</summary>
    public List<(int Gpu, int Job, double Start, double End)> Bars { get; } = [];

    public bool TimelineIsFull => Bars.Count >= BarsMax;

    public TimeSpan Spent(RunPhase phase) => Stopwatch.GetElapsedTime(0, _ticks[(int)phase]);

    public void Entering(RunPhase phase)
    {
        var now = Stopwatch.GetTimestamp();
        _ticks[(int)_phase] += now - _since;
        (_since, _phase) = (now, phase);
    }

    public void RoundPlaced(double nowSeconds, IReadOnlyList<ScheduledJob> live, IReadOnlyList<PlacedJob> placed)
    {
        if (!pictures)
            return;
        var began = Stopwatch.GetTimestamp();
        AddBars(nowSeconds, placed);
        if (_rounds++ % _every == 0)
            AddPoint(nowSeconds, live, placed);
        _since += Stopwatch.GetTimestamp() - began;   // looking is not part of the run
    }

    /// <summary>Closes what is still open.</summary>
    public void End(double seconds)
    {
        Entering(RunPhase.Bookkeeping);
        for (var gpu = 0; gpu < _open.Length; gpu++)
            Close(gpu, seconds);
    }

    private void AddPoint(double now, IReadOnlyList<ScheduledJob> live, IReadOnlyList<PlacedJob> placed)
    {
        var busy = placed.Where(job => job.Beside is null || job.Job.Id < job.Beside.Id).Sum(job => job.Job.Gpus);
        Curve.Add((now, (double)busy / cluster.Gpus, Fairness(now, live), live.Count, live.Count - placed.Count));
        if (Curve.Count < PointsMax)
            return;
        for (var i = 1; i < Curve.Count; i++)
            Curve.RemoveAt(i);
        _every *= 2;
    }

    /// <summary>Jain's index over the parts of their lives in which live jobs ran: 1 where all are equal.</summary>
    private static double Fairness(double now, IReadOnlyList<ScheduledJob> live)
    {
        var (sum, squares, count) = (0.0, 0.0, 0);
        foreach (var job in live)
            if (now - job.Source.ArrivalSeconds > 0)
            {
                var part = job.RunSeconds / (now - job.Source.ArrivalSeconds);
                (sum, squares, count) = (sum + part, squares + part * part, count + 1);
            }

        return squares > 0 ? sum * sum / (count * squares) : 1;
    }

    /// <summary>A round lasts until the next begins, so a GPU's bar ends when another job, or none, has it.</summary>
    private void AddBars(double now, IReadOnlyList<PlacedJob> placed)
    {
        if (TimelineIsFull)
            return;
        Array.Fill(_current, -1);
        foreach (var job in placed)
            if (job.Beside is null || job.Job.Id < job.Beside.Id)
                foreach (var gpu in job.Workers)
                    _current[gpu] = job.Job.Id;
        for (var gpu = 0; gpu < _open.Length; gpu++)
            if (_open[gpu].Job != _current[gpu])
            {
                Close(gpu, now);
                _open[gpu] = (_current[gpu], now);
            }
    }

    private void Close(int gpu, double now)
    {
        var (job, start) = _open[gpu];
        if (job >= 0 && !TimelineIsFull)
            Bars.Add((gpu, job, start, now));
        _open[gpu] = (-1, now);
    }
}
