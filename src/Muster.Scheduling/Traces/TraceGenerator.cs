using Muster.Scheduling.Throughputs;

namespace Muster.Scheduling.Traces;

/// <summary>What to generate.</summary>
/// <param name="Seed">The run's seed; equal seeds give equal jobs at every rate, only the arrivals scale.</param>
/// <param name="JobsPerHour">Mean rate of arrival, positive.</param>
/// <param name="MultiGpu">Whether some jobs need 2, 4 or 8 GPUs.</param>
/// <param name="TwoPriorities">Whether one job in five has weight 5.</param>
/// <param name="Deadlines">Whether jobs have deadlines of 1.2, 2 or 10 times their duration.</param>
public sealed record TraceOptions(uint Seed, double JobsPerHour, bool MultiGpu, bool TwoPriorities = false, bool Deadlines = false);

/// <summary>Draws an endless workload: Poisson arrivals, log-uniform durations, the job mix of the literature.</summary>
/// <remarks>Source: the generator published with Narayanan et al., OSDI 2020: equal seeds give equal doubles.</remarks>
public sealed class TraceGenerator
{
    private readonly TraceOptions _options;
    private readonly ThroughputTable _table;
    private readonly int _fastest;
    private readonly MersenneTwister _jobs;
    private readonly MersenneTwister _gaps;
    private readonly MersenneTwister _deadlines;
    private double _nextArrival;
    private int _nextId;

    /// <summary>Steps are durations times the throughput on the table's fastest type.</summary>
    /// <exception cref="SchedulingInputException">The rate is not positive, or the table lacks a kind of job.</exception>
    public TraceGenerator(TraceOptions options, ThroughputTable table)
    {
        if (!(options.JobsPerHour > 0) || !double.IsFinite(options.JobsPerHour))
            throw new SchedulingInputException($"{options.JobsPerHour} jobs per hour: a rate is a positive number");
        (_options, _table, _fastest) = (options, table, table.FastestType);
        (_jobs, _gaps, _deadlines) = (new(options.Seed + 2), new(options.Seed + 3), new(options.Seed + 6));
    }

    /// <summary>The next job.</summary>
    public TraceJob Next()
    {
        var scale = ScaleFactor(_jobs.Uniform(0, 1));
        var duration = 60 * (_jobs.NextDouble() >= 0.8 ? Math.Pow(10.0, _jobs.Uniform(3, 4)) : Math.Pow(10.0, _jobs.Uniform(1.5, 3)));
        if (!_options.MultiGpu)
            scale = 1;
        int kind;
        do
            kind = _jobs.NextBelow(JobTable.Models.Length);
        while (scale > 1 && kind >= JobTable.FirstUndistributed);
        var steps = duration * _table.Require(JobTable.Models[kind], scale).Isolated[_fastest];
        var weight = _options.TwoPriorities && _jobs.Uniform(0, 1) <= 0.2 ? 5.0 : 1.0;
        double? deadline = _options.Deadlines ? duration * Slack(_deadlines.Uniform(0, 1)) : null;
        var job = new TraceJob(_nextId++, _nextArrival, JobTable.Models[kind], scale, steps, duration, weight, deadline);
        // In exactly this form: another order of operations gives other last bits.
        var mean = 3600.0 / _options.JobsPerHour;
        var rate = 1.0 / mean;
        _nextArrival = -Math.Log(1.0 - _gaps.NextDouble()) / rate + _nextArrival;
        return job;
    }

    /// <summary>Jobs without end.</summary>
    public IEnumerable<TraceJob> Endless()
    {
        while (true)
            yield return Next();
    }

    private static int ScaleFactor(double drawn) => drawn switch
    {
        < 0.7 => 1,
        <= 0.8 => 2,
        <= 0.95 => 4,
        _ => 8,
    };

    private static double Slack(double drawn) => drawn switch
    {
        < 0.33 => 1.2,
        < 0.67 => 2.0,
        _ => 10.0,
    };
}
