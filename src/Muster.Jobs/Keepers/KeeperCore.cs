using System.Collections.Immutable;
using System.Diagnostics;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>Keeps one job's ranks on one host, generation after generation.</summary>
/// <remarks>
/// Pure. An exit, a durable shard and the start of a generation are in the journal before anyone is told of them or anything
/// is started. A repeated order changes nothing; a smaller token or generation is refused.
/// </remarks>
public sealed class KeeperCore
{
    private readonly KeeperIdentity _keeper;
    private readonly KeeperLimits _limits;
    private readonly SparePool _spares;
    private GenerationRun? _run;
    private WorkerDesk? _desk;
    private JobAssignment? _next;
    private FencingToken? _leader;
    private Instant _agentSpoke;
    private Instant _told;
    private Instant _now;
    private bool _tell;
    private bool _stepped;
    private bool _releasing;
    private bool _orphaned;
    private bool _exited;

    /// <summary>A keeper that keeps nothing yet.</summary>
    /// <param name="keeper">Who it is.</param>
    /// <param name="now">Its start; an agent must speak to it soon.</param>
    /// <param name="limits">Its limits; the defaults when null.</param>
    public KeeperCore(KeeperIdentity keeper, Instant now, KeeperLimits? limits = null)
    {
        (_keeper, _limits, _agentSpoke, _told) = (keeper, limits ?? KeeperLimits.Default, now, now);
        _now = now;
        _spares = new SparePool(_limits);
    }

    /// <summary>What it knows of its newest generation; null before the first.</summary>
    public JobFacts? Facts(Instant now) => _run?.Facts(now);

    /// <summary>Applies one input and returns what the shell must now do, in order.</summary>
    public ImmutableArray<KeeperEffect> Step(KeeperInput input)
    {
        var effects = new List<KeeperEffect>();
        var now = Take(input, effects);
        if (now is { } instant)
            Advance(_now = Instant.Max(_now, instant), effects);
        return [.. effects];
    }

    private Instant? Take(KeeperInput input, List<KeeperEffect> effects)
    {
        switch (input)
        {
            case KeeperInput.Ordered(var order, var now):
                TakeOrder(order, now, effects);
                return now;
            case KeeperInput.PortFound(var generation, var port):
                if (Current(generation) is { } run)
                    run.Launch(port, _now, effects);
                return null;
            case KeeperInput.Exited(var process, var code, var signal, var detail, var now):
                TakeExit(process, code, signal, detail, now, effects);
                return now;
            case KeeperInput.Swept(var processes, var now):
                if (_run is { Ended: false } ending)
                    ending.End.Swept(processes, _spares, ending.Assignment.Launch.Specification.FailureGrace, now, effects);
                return now;
            case KeeperInput.Tick(var now):
                TakeTick(now, effects);
                return now;
            case KeeperInput.RankStarted or KeeperInput.RankNotStarted or KeeperInput.SpareGone
                or KeeperInput.SpareStarted or KeeperInput.SpareNotStarted or KeeperInput.SpareMeasured:
                return TakeStart(input, effects);
            default:
                return TakeWork(input, effects);
        }
    }

    private GenerationRun? Current(Generation generation) =>
        _run is { Ended: false } run && run.Number == generation ? run : null;

    private void TakeOrder(KeeperOrder order, Instant now, List<KeeperEffect> effects)
    {
        var leader = order switch
        {
            KeeperOrder.Want want => want.Leader,
            KeeperOrder.Release release => release.Leader,
            _ => _leader,
        };
        if (_leader is { } known && leader is { } token && (token.Cluster != known.Cluster || token.Granted < known.Granted))
            return;   // an agent that speaks for a coordinator of the past: it does not even count as alive
        (_leader, _agentSpoke) = (leader ?? _leader, now);
        switch (order)
        {
            case KeeperOrder.Want(_, var assignment):
                TakeWish(assignment, now, effects);
                break;
            case KeeperOrder.Release:
                _releasing = true;
                _next = null;
                EndRun(now, effects);
                break;
        }
    }

    private void TakeWish(JobAssignment wish, Instant now, List<KeeperEffect> effects)
    {
        if (wish.Job != _keeper.Job || _orphaned || _releasing)
            return;
        if (_run is null || (_run.Ended && wish.Generation.CompareTo(_run.Number) > 0))
        {
            Begin(wish, now, effects);
        }
        else if (wish.Generation == _run.Number)
        {
            if (_run.Update(wish, now, effects))
                effects.Add(new KeeperEffect.Persist(_run.Journal()));
            foreach (var rank in _run.Ranks)
                _desk!.Grant(rank, effects);
        }
        else if (wish.Generation.CompareTo(_run.Number) > 0)
        {
            _next = wish;
            EndRun(now, effects);
        }
    }

    private void Begin(JobAssignment wish, Instant now, List<KeeperEffect> effects)
    {
        var warm = _spares.Ready > 0;
        _run = new GenerationRun(_keeper, _limits, _spares, wish, now);
        _desk = new WorkerDesk(_keeper, _run);
        _run.Begin(now, effects);
        _tell = true;
        if (wish.Stop is null && !wish.Launch.Specification.WarmPythonModules.IsDefaultOrEmpty)
            _spares.RefillLater(now, warm, effects);
    }

    private void EndRun(Instant now, List<KeeperEffect> effects)
    {
        if (_run is not { Ended: false } run)
            return;
        var specification = run.Assignment.Launch.Specification;
        run.End.Order(
            new StopOrder(StopKind.Failure, specification.Stop.Signal, specification.FailureGrace), run.Ranks, now, effects);
        _tell = true;
    }

    private Instant? TakeStart(KeeperInput input, List<KeeperEffect> effects)
    {
        switch (input)
        {
            case KeeperInput.RankStarted(var generation, var number, var process, var warm, var now):
                Invariant.Require(_run is not null && _run.Number == generation);
                var rank = _run.Find(number)!;
                rank.Started(process, warm, now);
                _run.End.SignalLate(rank, now, effects);
                _tell = true;
                return now;
            case KeeperInput.RankNotStarted(var generation, _, var why, var now):
                Current(generation)?.Refuse(why, now, effects);
                _tell = true;
                return now;
            case KeeperInput.SpareGone(var generation, var number, var now):
                if (Current(generation) is { End.IsOrdered: false } run && run.Find(number) is { } cold)
                    effects.Add(new KeeperEffect.StartRank(generation, number, run.LaunchOf(cold)));
                return now;
            case KeeperInput.SpareStarted(var slot, var process):
                _spares.Started(slot, process);
                return null;
            case KeeperInput.SpareMeasured(var process, var bytes):
                _spares.Measured(process, bytes);
                return null;
            case KeeperInput.SpareNotStarted(var slot, _):
                _spares.NotStarted(slot);
                return null;
            default:
                throw new UnreachableException();
        }
    }

    private void TakeExit(HostProcess process, int code, int signal, string? detail, Instant now, List<KeeperEffect> effects)
    {
        if (_run is not null && _run.Exited(process, code, signal, detail, effects))
            _tell = true;
        else
            _spares.Exited(process, now, effects);
    }

    private Instant? TakeWork(KeeperInput input, List<KeeperEffect> effects)
    {
        switch (input)
        {
            case KeeperInput.Asked(var generation, var number, var exchange, var request, _):
                if (Current(generation)?.Find(number) is { } asking)
                    _desk!.Ask(asking, exchange, request, effects);
                else
                    effects.Add(new KeeperEffect.Answer(exchange, new WorkerAnswer.Refusal(410, "this generation has ended; exit")));
                break;
            case KeeperInput.AskerGone(var exchange):
                _desk?.AskerGone(exchange);
                return null;
            case KeeperInput.Reported(var generation, var number, var report, var now):
                _stepped = true;
                if (Current(generation)?.Find(number) is not { } reporting || !reporting.Report(report, now))
                    return null;
                break;
            case KeeperInput.DirectoryMade(var generation, var number, var step, var trouble):
                if (Current(generation)?.Find(number) is { } saving)
                    _desk!.DirectoryMade(saving, step, trouble, effects);
                break;
            case KeeperInput.Sealed(var generation, var number, var step, var files, var now):
                if (Current(generation)?.Find(number) is { } saved)
                    _desk!.Sealed(saved, step, files, null, effects);
                _tell = true;
                return now;
            case KeeperInput.NotSealed(var generation, var number, var step, var why, var now):
                if (Current(generation)?.Find(number) is { } unsaved)
                    _desk!.Sealed(unsaved, step, null, why, effects);
                _tell = true;
                return now;
            case KeeperInput.Verified(var generation, var number, var damage):
                if (Current(generation)?.Find(number) is { } restoring)
                    _desk!.Verified(restoring, damage, effects);
                break;
            case KeeperInput.ShardsVerified(var generation, var damage):
                if (Current(generation) is not null)
                    _desk!.ShardsVerified(damage, effects);
                break;
            default:
                throw new UnreachableException();
        }

        _tell = true;
        return _now;
    }

    private void TakeTick(Instant now, List<KeeperEffect> effects)
    {
        var orphanAfter = _run?.Assignment.Launch.Specification.Liveness.OrphanAfter ?? _limits.OrphanAfter;
        if (now - _agentSpoke > orphanAfter && !_orphaned)
        {
            _orphaned = true;
            _next = null;
            EndRun(now, effects);
        }

        if (_run is { } run && !_orphaned && !_releasing)
            _spares.Refill(now, run.SparesWanted(), effects);
        var since = now - _told;
        if (since >= _limits.TellEvery || (_stepped && since >= _limits.TellStepsEvery))
            _tell = _run is not null;
    }

    private void Advance(Instant now, List<KeeperEffect> effects)
    {
        _run?.Follow(now, effects);
        if (_run is { } run && run.AdvanceEnd(now, effects))
        {
            _tell = true;
            if (_next is { } next)
            {
                Report(now, effects);
                _next = null;
                Begin(next, now, effects);
            }
        }

        if (_tell)
            Report(now, effects);
        if ((_releasing || _orphaned) && _run is not { Ended: false } && !_exited)
        {
            _exited = true;
            _spares.EndAll(effects);
            effects.Add(new KeeperEffect.Exit(_releasing
                ? "its agent released it"
                : "no agent spoke to it for the time named liveness.orphanAfter"));
        }
    }

    private void Report(Instant now, List<KeeperEffect> effects)
    {
        if (_run is not null)
            effects.Add(new KeeperEffect.Tell(_run.Facts(now)));
        (_tell, _stepped, _told) = (false, false, Instant.Max(now, _told));
    }
}
