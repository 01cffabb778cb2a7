using System.Collections.Immutable;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Rounds;

/// <summary>Who runs in a round: type after type, by priority, then deficit, then share, until no GPU is left.</summary>
/// <remarks>Source: Narayanan et al., OSDI 2020, algorithm 1. Ties keep the order of arrival.</remarks>
internal sealed class Selection
{
    private readonly ClusterShape _cluster;
    private readonly Policy _policy;
    private readonly MersenneTwister _random;
    private readonly bool _global;
    private readonly int[] _walk;
    private readonly int[] _order;
    private readonly int[] _free;
    private readonly List<ScheduledUnit>[] _selected;
    private Candidate[] _heap = new Candidate[64];
    private int _count;

    public Selection(ClusterShape cluster, Policy policy, ImmutableArray<int> walk, MersenneTwister random, bool global)
    {
        (_cluster, _policy, _random, _global) = (cluster, policy, random, global);
        (_walk, _order, _free) = ([.. walk], [.. walk], new int[cluster.Types]);
        _selected = [.. Enumerable.Range(0, cluster.Types).Select(_ => new List<ScheduledUnit>())];
    }

    /// <summary>The types in the order of this round.</summary>
    public ReadOnlySpan<int> Order => _order;

    /// <summary>Those selected on a type, in the order of selection.</summary>
    public List<ScheduledUnit> On(int type) => _selected[type];

    public void Select(List<ScheduledJob> jobs, List<ScheduledUnit> pairs, double[] typeSeconds, long round)
    {
        _walk.CopyTo(_order, 0);
        if (!_policy.KnowsTypes)
            _random.Shuffle(_order.AsSpan());
        for (var type = 0; type < _free.Length; type++)
        {
            _free[type] = _cluster.Pools[type].Gpus;
            _selected[type].Clear();
        }

        if (_global)
        {
            _count = 0;
            foreach (var type in _order)
                Gather(jobs, pairs, type, typeSeconds[type], round);
            Walk(round);
            return;
        }

        foreach (var type in _order)
        {
            _count = 0;
            Gather(jobs, pairs, type, typeSeconds[type], round);
            Walk(round);
        }
    }

    private void Gather(List<ScheduledJob> jobs, List<ScheduledUnit> pairs, int type, double typeSeconds, long round)
    {
        var gpus = _free[type];
        var only = _policy.OnlyAllocated;
        var sequence = _count;
        foreach (var job in jobs)
            if (job.SelectedRound != round && job.Gpus <= gpus && job.Throughput[type] > 0)
                Offer(job.Alone, type, typeSeconds, only, ref sequence);
        foreach (var pair in pairs)
            if (pair.Gpus <= gpus && pair.Runs(type) && !pair.IsSelected(round) && pair.Share[type] > 0)
                Offer(pair, type, typeSeconds, only, ref sequence);
    }

    private void Offer(ScheduledUnit unit, int type, double typeSeconds, bool onlyAllocated, ref int sequence)
    {
        var share = unit.Share[type];
        var priority = 0.0;
        if (share != 0 && unit.IsAllocated)
        {
            var fraction = typeSeconds == 0 ? 0 : unit.Received[type] / typeSeconds;
            priority = fraction == 0 ? share * 1e9 : share / fraction;
        }
        else if (!unit.IsAllocated)
        {
            share = 0;
        }

        if (onlyAllocated && priority <= 0)
            return;
        if (_count == _heap.Length)
            Array.Resize(ref _heap, _heap.Length * 2);
        _heap[_count++] = new Candidate(priority, unit.Deficit[type], share, sequence++, type, unit);
    }

    private void Walk(long round)
    {
        for (var i = _count / 2 - 1; i >= 0; i--)
            SiftDown(i);
        var left = 0;
        foreach (var free in _free)
            left += free;
        while (_count > 0 && left > 0)
        {
            var best = _heap[0];
            _heap[0] = _heap[--_count];
            SiftDown(0);
            if (best.Unit.Gpus > _free[best.Type])
            {
                if (!_global && _free[best.Type] == 0)
                    return;
                continue;
            }

            if (best.Unit.IsSelected(round))
                continue;
            best.Unit.Select(round);
            _selected[best.Type].Add(best.Unit);
            _free[best.Type] -= best.Unit.Gpus;
            left -= best.Unit.Gpus;
        }
    }

    private void SiftDown(int at)
    {
        var heap = _heap.AsSpan(0, _count);
        if (at >= heap.Length)
            return;
        var moved = heap[at];
        while (true)
        {
            var child = 2 * at + 1;
            if (child >= heap.Length)
                break;
            if (child + 1 < heap.Length && heap[child + 1].GoesBefore(in heap[child]))
                child++;
            if (!heap[child].GoesBefore(in moved))
                break;
            heap[at] = heap[child];
            at = child;
        }

        heap[at] = moved;
    }

    private readonly record struct Candidate(double Priority, double Deficit, double Share, int Sequence, int Type, ScheduledUnit Unit)
    {
        public bool GoesBefore(in Candidate other) =>
            Priority != other.Priority ? Priority > other.Priority
            : Deficit != other.Deficit ? Deficit > other.Deficit
            : Share != other.Share ? Share > other.Share
            : Sequence < other.Sequence;
    }
}
