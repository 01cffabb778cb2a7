using System.Collections.Immutable;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Rounds;

/// <summary>Turns shares into rounds: who runs next, and on which GPUs. The same object serves the simulator and a live queue.</summary>
/// <remarks>
/// Source: Narayanan et al., OSDI 2020, section 5, in the details of the published simulator: time received counts from the last reset,
/// with half a round given to everybody; deficits carry over resets.
/// </remarks>
public sealed class RoundMechanism
{
    private readonly ClusterShape _cluster;
    private readonly Policy _policy;
    private readonly MechanismOptions _options;
    private readonly List<ScheduledJob> _jobs = [];
    private readonly List<ScheduledUnit> _pairs = [];
    private readonly Shares _shares = new();
    private readonly double[] _typeSeconds;
    private readonly Selection _selection;
    private readonly PlacementCore _placement;
    private bool _requested;

    /// <summary>A mechanism with no jobs.</summary>
    /// <param name="cluster">The capacity.</param>
    /// <param name="policy">Its shares are asked for when jobs come and go.</param>
    /// <param name="walk">Shape [gpuTypes]; indices of types, the preferred first.</param>
    /// <param name="seed">Seed of the shuffle of types under policies that do not know them.</param>
    /// <param name="options">Lengths and choices.</param>
    public RoundMechanism(ClusterShape cluster, Policy policy, ImmutableArray<int> walk, uint seed, MechanismOptions? options = null)
    {
        (_cluster, _policy, _options) = (cluster, policy, (options ?? new MechanismOptions()).Checked());
        _typeSeconds = new double[cluster.Types];
        _selection = new Selection(cluster, policy, walk, new MersenneTwister(seed), _options.GlobalQueue);
        _placement = new PlacementCore(cluster, _options.KeepServersWhole);
    }

    /// <summary>Jobs that have arrived and are not complete, in the order of arrival.</summary>
    public IReadOnlyList<ScheduledJob> Jobs => _jobs;

    /// <summary>When the last allocation was made; 0 before the first.</summary>
    public double LastResetSeconds { get; private set; }

    /// <summary>How often the policy was asked.</summary>
    public long Allocations { get; private set; }

    /// <summary>Rounds so far.</summary>
    public long Rounds { get; private set; }

    /// <summary>Called around each call of the policy, for whoever measures where time goes.</summary>
    public Action<bool>? AllocationWatch { get; init; }

    /// <summary>A copy of the shares of the last allocation, by job, for whoever records or compares them.</summary>
    public Action<AllocationRequest, Shares>? SharesWatch { get; init; }

    internal List<ScheduledUnit> Placed => _placement.Placed;

    internal int LeasesExtended => _placement.Kept;

    internal ReadOnlySpan<double> TypeSeconds => _typeSeconds;

    /// <summary>A job arrives.</summary>
    public void Add(ScheduledJob job)
    {
        Array.Fill(job.Alone.Received, HalfRound);
        _jobs.Add(job);
        _requested = true;
    }

    /// <summary>A job is complete, or given up.</summary>
    public void Remove(ScheduledJob job)
    {
        _jobs.RemoveAt(IndexOf(job));
        _pairs.RemoveAll(pair => pair.First == job || pair.Second == job);
        _requested = true;
    }

    /// <summary>Asks for new shares although no job came or went.</summary>
    public void Request() => _requested = true;

    /// <summary>Nothing runs and nobody will come: the next request is served at once.</summary>
    public void ForgetReset() => LastResetSeconds = 0;

    /// <summary>New shares, if asked for and due.</summary>
    public bool Reallocate(double nowSeconds)
    {
        _requested |= _policy.ChangesWithTime && _jobs.Count > 0;
        var elapsed = nowSeconds - LastResetSeconds;
        if (!_requested || (elapsed < _options.ResetSecondsMin && LastResetSeconds != 0))
            return false;
        SettleReceived(elapsed);
        LastResetSeconds = nowSeconds;
        _requested = false;
        Allocations++;
        var request = new AllocationRequest(_cluster, _jobs, nowSeconds);
        _shares.Reset(_jobs.Count, _cluster.Types);
        AllocationWatch?.Invoke(true);
        _policy.Allocate(request, _shares);
        AllocationWatch?.Invoke(false);
        SharesWatch?.Invoke(request, _shares);
        TakeShares();
        return true;
    }

    /// <summary>Chooses who runs in the next round and where; the result stands until the next call.</summary>
    public void NextRound()
    {
        _selection.Select(_jobs, _pairs, _typeSeconds, Rounds);
        _placement.Place(_selection, Rounds);
        Rounds++;
    }

    /// <summary>A unit ran for so long on the type of its placement.</summary>
    internal void Credit(ScheduledUnit unit, int type, double seconds)
    {
        unit.Received[type] += seconds;
        _typeSeconds[type] += seconds;
    }

    private double HalfRound => _options.RoundSeconds / 2;

    private int IndexOf(ScheduledJob job)
    {
        var (low, high) = (0, _jobs.Count - 1);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_jobs[middle].Id < job.Id)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private void SettleReceived(double elapsed)
    {
        Array.Clear(_typeSeconds);
        foreach (var job in _jobs)
            Settle(job.Alone, elapsed);
        foreach (var pair in _pairs)
            Settle(pair, elapsed);
    }

    private void Settle(ScheduledUnit unit, double elapsed)
    {
        for (var type = 0; type < _typeSeconds.Length; type++)
        {
            var received = unit.Received[type] - HalfRound;
            var entitled = unit.IsAllocated ? unit.Share[type] * elapsed : 0;
            unit.Deficit[type] += entitled - received;
            unit.Received[type] = HalfRound;
            _typeSeconds[type] += HalfRound;
        }
    }

    private void TakeShares()
    {
        for (var row = 0; row < _jobs.Count; row++)
        {
            _jobs[row].Allocated = true;
            var to = _jobs[row].Alone.Share;
            var from = _shares.Row(row);
            for (var type = 0; type < to.Length; type++)
                to[type] = Math.Clamp(from[type], 0, 1);
        }

        if (_shares.Pairs.Count > 0 || _pairs.Count > 0)
            TakePairs();
    }

    /// <summary>A pair that both allocations know keeps its deficit.</summary>
    private void TakePairs()
    {
        var known = _pairs.ToDictionary(pair => (pair.First.Id, pair.Second!.Id));
        _pairs.Clear();
        foreach (var (first, second, share) in _shares.Pairs)
        {
            var (a, b) = (_jobs[first], _jobs[second]);
            if (!known.TryGetValue((a.Id, b.Id), out var unit))
            {
                unit = new ScheduledUnit(a, b, a.Kind.Beside(b.Kind) ?? new double[_cluster.Types], b.Kind.Beside(a.Kind) ?? new double[_cluster.Types]);
                Array.Fill(unit.Received, HalfRound);
                for (var type = 0; type < _typeSeconds.Length; type++)
                    _typeSeconds[type] += HalfRound;
            }

            for (var type = 0; type < share.Length; type++)
                unit.Share[type] = Math.Clamp(share[type], 0, 1);
            _pairs.Add(unit);
        }
    }
}
