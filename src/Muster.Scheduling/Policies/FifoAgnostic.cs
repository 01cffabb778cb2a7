using Muster.Scheduling.Rounds;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Policies;

/// <summary>First come, first served, blind to types; a job keeps the type it was given until it is done.</summary>
/// <remarks>
/// Source: the baseline published with Narayanan et al., OSDI 2020, as it behaves: it draws a type but fills the last one of its list, and
/// drops the drawn one when the filled one is full. So it may give a type to more jobs than fit at once, which then take turns. Its
/// results depend on the seed of its own generator.
/// </remarks>
/// <param name="seed">Seed of the private generator.</param>
public sealed class FifoAgnostic(uint seed) : Policy
{
    private readonly MersenneTwister _random = new(seed);
    private readonly SortedDictionary<int, Holder> _holders = [];
    private readonly HashSet<int> _active = [];   // membership only; never walked
    private readonly List<ScheduledJob> _queue = [];
    private readonly List<int> _open = [];
    private readonly List<int> _fitting = [];
    private readonly List<int> _gone = [];
    private int[] _free = [];
    private int _head;

    /// <inheritdoc/>
    public override string Name => "fifo";

    /// <inheritdoc/>
    public override bool OnlyAllocated => true;

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        Begin(request);
        PassOn();
        Fill();
        for (var row = 0; row < request.Jobs.Count; row++)
            if (_holders.TryGetValue(request.Jobs[row].Id, out var holder))
                shares.Row(row)[holder.Type] = 1;
    }

    private void Begin(AllocationRequest request)
    {
        var cluster = request.Cluster;
        _free = [.. cluster.Pools.Select(pool => pool.Gpus)];
        _active.Clear();
        _queue.Clear();
        _head = 0;
        foreach (var job in request.Jobs)
        {
            _active.Add(job.Id);
            if (!_holders.ContainsKey(job.Id))
                _queue.Add(job);
        }
    }

    /// <summary>A type that a finished job held goes to the head of the queue, as long as that fits.</summary>
    private void PassOn()
    {
        _gone.Clear();
        var added = new List<(int Id, Holder Holder)>();
        foreach (var (id, holder) in _holders)
        {
            if (_active.Contains(id))
            {
                _free[holder.Type] -= holder.Gpus;
                continue;
            }

            _gone.Add(id);
            if (_head < _queue.Count && _queue[_head] is var head && head.Gpus <= _free[holder.Type] && head.Throughput[holder.Type] > 0)
            {
                added.Add((head.Id, new Holder(holder.Type, head.Gpus)));
                _free[holder.Type] -= head.Gpus;
                _head++;
            }
        }

        foreach (var id in _gone)
            _holders.Remove(id);
        foreach (var (id, holder) in added)
            _holders[id] = holder;
    }

    private void Fill()
    {
        _open.Clear();
        for (var type = 0; type < _free.Length; type++)
            if (_free[type] > 0)
                _open.Add(type);
        while (_head < _queue.Count && _open.Count > 0)
        {
            var job = _queue[_head++];
            _fitting.Clear();
            foreach (var type in _open)
                if (_free[type] >= job.Gpus)
                    _fitting.Add(type);
            if (_fitting.Count == 0)
                return;
            var drawn = _fitting[_random.NextBelow(_fitting.Count)];
            var filled = _open[^1];
            if (job.Throughput[filled] > 0)
            {
                _holders[job.Id] = new Holder(filled, job.Gpus);
                _free[filled] -= job.Gpus;
                if (_free[filled] == 0)
                    _open.Remove(drawn);
            }
        }
    }

    private readonly record struct Holder(int Type, int Gpus);
}
