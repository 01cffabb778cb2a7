using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>The end of a generation on a host: signal, grace, SIGKILL, and then nothing left, grandchildren included.</summary>
/// <remarks>
/// Groups are signalled while their leaders live. What remains after the last rank ended, such as data-loader workers in sessions
/// of their own, is found in the process table: by the keeper's tag, or as an orphan that the kernel gave to the keeper.
/// </remarks>
internal sealed class GenerationEnd(KeeperIdentity keeper, KeeperLimits limits)
{
    private Instant? _killAt;
    private bool _killed;
    private Instant? _leftoversKillAt;
    private Instant? _nextSweep;
    private StopKind _kind;

    /// <summary>Whether the ranks were asked to end.</summary>
    public bool IsOrdered => _killAt is not null;

    /// <summary>Whether the last look at the process table found nothing.</summary>
    public bool IsClear { get; private set; }

    /// <summary>Whether shards still being made durable are waited for: not beyond the grace of a failure.</summary>
    public bool WaitsForShards(Instant now) => _killAt is not { } killAt || _kind != StopKind.Failure || now < killAt;

    /// <summary>Signals once; a repeated order changes nothing, a shorter one brings SIGKILL forward.</summary>
    public void Order(StopOrder order, IReadOnlyList<RankRun> ranks, Instant now, List<KeeperEffect> effects)
    {
        var killAt = now + order.Grace;
        if (_killAt is { } known && known <= killAt)
            return;
        if (_killAt is null && order.Grace > TimeSpan.Zero)
            SignalAll(ranks, order.Signal, effects);
        (_killAt, _kind) = (killAt, order.Kind);
        if (order.Grace > TimeSpan.Zero)
            effects.Add(new KeeperEffect.WakeAfter(order.Grace));
    }

    /// <summary>A rank whose process appeared after the order.</summary>
    public void SignalLate(RankRun rank, Instant now, List<KeeperEffect> effects)
    {
        if (_killAt is not { } killAt)
            return;
        rank.Asked = true;
        effects.Add(new KeeperEffect.SignalGroup(rank.Process!.Value, now >= killAt ? Signals.Kill : Signals.Terminate));
    }

    /// <summary>Goes on with what is due.</summary>
    public void Advance(IReadOnlyList<RankRun> ranks, Instant now, List<KeeperEffect> effects)
    {
        if (!_killed && _killAt is { } killAt && now >= killAt)
        {
            _killed = true;
            SignalAll(ranks, Signals.Kill, effects);
        }

        if (IsClear || ranks.Any(rank => rank.Runs) || (_nextSweep is { } next && now < next))
            return;
        _nextSweep = now + limits.SweepEvery;
        effects.Add(new KeeperEffect.Sweep());
    }

    /// <summary>Judges a look at the process table; what is left is asked to end, then killed.</summary>
    public void Swept(IEnumerable<SeenProcess> seen, SparePool spares, TimeSpan grace, Instant now, List<KeeperEffect> effects)
    {
        var leftovers = seen.Where(process => BelongsTo(process, spares)).ToList();
        if (leftovers.Count == 0)
        {
            IsClear = true;
            return;
        }

        var first = _leftoversKillAt is null;
        _leftoversKillAt ??= _killAt ?? now + grace;
        var kill = now >= _leftoversKillAt;
        if (first || kill)
            foreach (var process in leftovers)
                effects.Add(new KeeperEffect.SignalProcess(process.Process, kill ? Signals.Kill : Signals.Terminate));
        effects.Add(new KeeperEffect.WakeAfter(limits.SweepEvery));
    }

    private bool BelongsTo(SeenProcess process, SparePool spares) =>
        (process.Keeper == keeper.Self || process.Parent == keeper.Self.Pid)
        && !spares.Owns(process.Process) && !spares.OwnsGroup(process.Group);

    private static void SignalAll(IEnumerable<RankRun> ranks, int signal, List<KeeperEffect> effects)
    {
        foreach (var rank in ranks)
        {
            if (!rank.Runs)
                continue;
            rank.Asked = true;
            effects.Add(new KeeperEffect.SignalGroup(rank.Process!.Value, signal));
        }
    }
}
