using Muster.Scheduling.Clusters;

namespace Muster.Scheduling.Rounds;

/// <summary>Which GPUs: large gangs first, whoever ran on a type keeps its GPUs, the others take the next free ones.</summary>
internal sealed class PlacementCore
{
    private readonly ClusterShape _cluster;
    private readonly bool _keepServersWhole;
    private readonly bool[] _taken;
    private readonly List<ScheduledUnit> _placed = [];
    private readonly List<int> _sizes = [];
    private int _next;

    public PlacementCore(ClusterShape cluster, bool keepServersWhole)
    {
        (_cluster, _keepServersWhole) = (cluster, keepServersWhole);
        _taken = new bool[cluster.Gpus];
    }

    /// <summary>Units of the last round that kept the GPUs of the round before.</summary>
    public int Kept { get; private set; }

    /// <summary>The units of the last round, in the order of placement.</summary>
    public List<ScheduledUnit> Placed => _placed;

    public void Place(Selection selection, long round)
    {
        _placed.Clear();
        Kept = 0;
        Array.Clear(_taken);
        foreach (var type in selection.Order)
        {
            var units = selection.On(type);
            SizesOf(units);
            _next = _cluster.FirstWorker[type];
            for (var i = _sizes.Count - 1; i >= 0; i--)
            {
                foreach (var unit in units)
                    if (unit.Gpus == _sizes[i] && unit.IsAllocated && RanHere(unit, type, round) && AllFree(unit.Workers))
                    {
                        Kept++;
                        Grant(unit, type, round);
                    }

                foreach (var unit in units)
                    if (unit.Gpus == _sizes[i] && unit.IsAllocated && unit.PlacedRound != round)
                        Take(unit, type, round);
            }
        }
    }

    private static bool RanHere(ScheduledUnit unit, int type, long round) => unit.PlacedRound == round - 1 && unit.Type == type;

    private void SizesOf(List<ScheduledUnit> units)
    {
        _sizes.Clear();
        foreach (var unit in units)
            if (_sizes.BinarySearch(unit.Gpus) is < 0 and var at)
                _sizes.Insert(~at, unit.Gpus);
    }

    private bool AllFree(int[] workers)
    {
        foreach (var worker in workers)
            if (_taken[worker])
                return false;
        return true;
    }

    private void Take(ScheduledUnit unit, int type, long round)
    {
        if (!(_keepServersWhole && TakeWholeServer(unit, type)))
            TakeNext(unit, type);
        Grant(unit, type, round);
    }

    private void TakeNext(ScheduledUnit unit, int type)
    {
        var at = _keepServersWhole ? _cluster.FirstWorker[type] : _next;
        for (var i = 0; i < unit.Workers.Length; i++, at++)
        {
            while (_taken[at])
                at++;
            unit.Workers[i] = at;
        }

        _next = at;
    }

    /// <summary>The fullest server that still holds the whole gang, the first of equals.</summary>
    private bool TakeWholeServer(ScheduledUnit unit, int type)
    {
        var (per, end) = (_cluster.Pools[type].GpusPerServer, _cluster.FirstWorker[type + 1]);
        var (best, bestFree) = (-1, int.MaxValue);
        for (var server = _cluster.FirstWorker[type]; server < end; server += per)
        {
            var free = _taken.AsSpan(server, per).Count(false);
            if (free >= unit.Gpus && free < bestFree)
                (best, bestFree) = (server, free);
        }

        if (best < 0)
            return false;
        for (var (i, worker) = (0, best); i < unit.Gpus; worker++)
            if (!_taken[worker])
                unit.Workers[i++] = worker;
        return true;
    }

    private void Grant(ScheduledUnit unit, int type, long round)
    {
        foreach (var worker in unit.Workers)
            _taken[worker] = true;
        (unit.Type, unit.PlacedRound) = (type, round);
        _placed.Add(unit);
    }
}
