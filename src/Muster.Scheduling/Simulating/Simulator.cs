using System.Collections.Immutable;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Throughputs;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Simulating;

/// <summary>Plays a workload on a cluster in rounds of simulated time.</summary>
/// <remarks>
/// Source: the simulator published with Narayanan et al., OSDI 2020. For equal shares its completion times are equal as doubles, so the
/// order of floating-point operations here is part of the contract. No cost of preemption, no jitter, no failures.
/// </remarks>
public sealed class Simulator
{
    private readonly ClusterShape _cluster;
    private readonly ThroughputTable _table;
    private readonly SimulationOptions _options;
    private readonly IEnumerator<TraceJob> _workload;
    private readonly RoundMechanism _mechanism;
    private readonly Policy _policy;
    private readonly RunLedger _ledger;
    private readonly BacklogWatch _backlog;
    private readonly IRunObserver? _observer;
    private readonly List<MicroTask> _running = [];
    private readonly List<PlacedJob> _shown = [];
    private TraceJob? _next;
    private double _now;
    private double _roundStart;
    private double? _roundEnd;
    private long _leases;
    private long _leasesExtended;

    /// <summary>A run that has not begun.</summary>
    /// <param name="cluster">The capacity.</param>
    /// <param name="table">Throughputs of at least the cluster's types.</param>
    /// <param name="policy">A policy that has decided nothing yet.</param>
    /// <param name="workload">Jobs in the order of arrival; may be endless where the options have a window.</param>
    /// <param name="options">What to wait for.</param>
    /// <param name="observer">Watches the run.</param>
    /// <param name="sharesWatch">Sees the shares of every allocation.</param>
    /// <exception cref="SchedulingInputException">The table lacks a type, or an option is out of range.</exception>
    public Simulator(
        ClusterShape cluster, ThroughputTable table, Policy policy, IEnumerable<TraceJob> workload, SimulationOptions options,
        IRunObserver? observer = null, Action<AllocationRequest, Shares>? sharesWatch = null)
    {
        (_cluster, _table, _policy, _options, _observer) = (cluster, table.For(cluster), policy, options, observer);
        if (options.First < 0 || options.Last <= options.First)
            throw new SchedulingInputException($"window {options.First}:{options.Last}: choose FIRST:LAST with 0 ≤ FIRST < LAST");
        _mechanism = new RoundMechanism(cluster, policy, WalkOrder(_table), options.ShuffleSeed, options.Mechanism)
        {
            SharesWatch = sharesWatch,
            AllocationWatch = observer is null ? null : begins => observer.Entering(begins ? RunPhase.Policy : RunPhase.Bookkeeping),
        };
        _workload = workload.GetEnumerator();
        _ledger = new RunLedger(cluster);
        _backlog = new BacklogWatch(cluster, options);
        Draw();
    }

    /// <summary>Types in the order in which rounds fill them: the faster first, by name where equal.</summary>
    public static ImmutableArray<int> WalkOrder(ThroughputTable table) =>
        [.. Enumerable.Range(0, table.Types.Length).OrderByDescending(type => table.Speeds[type])];

    /// <summary>Plays to the end: the window is done, or a verdict says why it will not be.</summary>
    public SimulationResult Run()
    {
        Verdict? verdict = null;
        while (verdict is null)
            verdict = IsDone() ? new Verdict.Finished() : Step();
        var last = Math.Max(_options.Last ?? _ledger.Count, _options.First);
        return new SimulationResult(
            _policy.Name, _ledger.Outcomes(_table), _options.First, last, _ledger.Utilization(_now), _mechanism.Rounds, _now,
            _mechanism.Allocations, _leases == 0 ? 0 : (double)_leasesExtended / _leases, verdict);
    }

    private bool IsDone() => _options.Last is { } last
        ? _ledger.AllEnded(_options.First, last) || (_next is null && _mechanism.Jobs.Count == 0)
        : _next is null && _mechanism.Jobs.Count == 0;

    private Verdict? Step()
    {
        _observer?.Entering(RunPhase.Bookkeeping);
        if (_running.Count > 0)
        {
            _running.Sort();
            if (_roundEnd is { } end)
                _roundStart = end;
            _now = _running[0].FinishSeconds;
            _roundEnd = _now;
        }
        else if (_next is not null)
        {
            _now = Math.Max(_now, _next.ArrivalSeconds);
        }

        Complete();
        Arrive();
        if (_next is null && _mechanism.Placed.Count == 0)
            _mechanism.ForgetReset();
        _mechanism.Reallocate(_now);
        _observer?.Entering(RunPhase.Placement);
        _mechanism.NextRound();
        _observer?.Entering(RunPhase.Bookkeeping);
        Start();
        return _backlog.Judge(_mechanism, _now, _running.Count > 0, _next is not null);
    }

    private void Complete()
    {
        var active = 0;
        foreach (var task in _running)
        {
            var seconds = task.FinishSeconds - _roundStart;
            if (task.Advances && seconds > 0)
                Credit(task, seconds);
            else if (++task.Job.Failures >= SimulationOptions.FailuresMax)
                End(task.Job, null);
            else
                _mechanism.Request();
            active += task.Job.StepsRemaining > 0 ? 1 : 0;
        }

        _leases += active;
        _running.Clear();
    }

    private void Credit(MicroTask task, double seconds)
    {
        var (job, unit) = (task.Job, task.Unit);
        job.Failures = 0;
        job.StepsDone += task.StepsOfParts;
        job.RunSeconds += seconds;
        _backlog.Advanced(job);
        if (unit.CreditedRound != unit.PlacedRound)   // of a pair, the job that ran longer comes first
        {
            unit.CreditedRound = unit.PlacedRound;
            _mechanism.Credit(unit, task.Type, seconds);
            _ledger.Busy(unit.Workers, seconds);
        }

        if (job.StepsRemaining <= 0)
        {
            // JCTs are what the reference records: a completion is its arrival plus its JCT, which may differ from the finish in the last bit.
            var jct = task.FinishSeconds - job.Source.ArrivalSeconds;
            End(job, job.Source.ArrivalSeconds + jct);
        }
    }

    private void End(ScheduledJob job, double? completion)
    {
        _ledger.End(job, completion);
        _mechanism.Remove(job);
    }

    private void Arrive()
    {
        while (_next is not null && _next.ArrivalSeconds <= _now)
        {
            var job = new ScheduledJob(_next, _table.Require(_next.Model, _next.ScaleFactor));
            _ledger.Arrive(job);
            _mechanism.Add(job);
            Draw();
        }
    }

    private void Draw() => _next = _workload.MoveNext() ? _workload.Current : null;

    private void Start()
    {
        _leasesExtended += _mechanism.LeasesExtended;
        foreach (var unit in _mechanism.Placed)
        {
            Start(unit, unit.First, unit.FirstRates[unit.Type]);
            if (unit.Second is { } second)
                Start(unit, second, unit.SecondRates[unit.Type]);
        }

        if (_observer is null)
            return;
        _shown.Clear();
        foreach (var task in _running)
            _shown.Add(new PlacedJob(task.Job, task.Type, task.Unit.Workers, task.Unit.First == task.Job ? task.Unit.Second : task.Unit.First));
        _observer.RoundPlaced(_now, _mechanism.Jobs, _shown);
    }

    private void Start(ScheduledUnit unit, ScheduledJob job, double throughput)
    {
        var steps = Math.Min(Math.Floor(throughput * _options.Mechanism.RoundSeconds), job.StepsRemaining);
        job.FirstPlacedSeconds ??= _now;
        _running.Add(new MicroTask(unit, job, unit.Type, steps, _now + steps / throughput));
    }
}
