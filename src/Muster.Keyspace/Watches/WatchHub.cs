using Muster.Keyspace.Watches;
using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>All watches of one keyspace: who has something to read, and from where.</summary>
/// <remarks>
/// A watch holds no events, only the revision where it goes on reading: a slow reader costs nothing but its place. One that has
/// read everything is idle and found through an index of intervals when a key it wants is written; one that is behind reads the
/// log. So each event comes once, in order, a revision whole; and what was compacted before it could be read is reported.
/// </remarks>
public sealed class WatchHub(KeyspaceLimits limits)
{
    private readonly Dictionary<WatchId, Watch> _watches = [];       // looked up by id only
    private readonly IntervalIndex _index = new();
    private readonly Queue<WatchId> _ready = new();
    private long _lastId;
    private Revision _seen;

    /// <summary>Open watches.</summary>
    public int Count => _watches.Count;

    /// <summary>Opens a watch.</summary>
    /// <param name="filter">What it wants to see.</param>
    /// <param name="start">The first revision of interest; none for what comes after now; may lie in the future.</param>
    /// <param name="machine">The keyspace watched.</param>
    public WatchOpened Open(WatchFilter filter, Revision start, KeyspaceMachine machine)
    {
        Notice(machine);
        filter = Normal(filter);
        if (filter.Keys.IsEmpty)
            return new WatchOpened.EmptyRange();
        if (start.Number < 0)
            return new WatchOpened.BeforeHistory();
        if (_watches.Count >= limits.WatchesMax)
            return new WatchOpened.TooMany();
        var watch = new Watch(new(++_lastId), filter) { Next = start == Revision.None ? _seen.Next() : start };
        _watches.Add(watch.Id, watch);
        _index.Add(filter.Keys, watch.Id);
        if (watch.Next <= _seen)
            MakeReady(watch);
        return new WatchOpened.Open(watch.Id, _seen);
    }

    /// <summary>Closes a watch; false when it is not open.</summary>
    public bool Close(WatchId id)
    {
        if (!_watches.Remove(id, out var watch))
            return false;
        _index.Remove(watch.Filter.Keys, id);
        return true;
    }

    /// <summary>Finds out who wants what was written since the last call. Call it after applying, before compacting again.</summary>
    public void Notice(KeyspaceMachine machine)
    {
        if (_seen == Revision.None || machine.Revision < _seen)
            _seen = machine.Revision;
        if (_seen == machine.Revision)
            return;
        if (_seen.Next() < machine.Compacted)
            Rewind();                    // a snapshot took the place of what would have told us
        else
            machine.VisitKeysFrom(_seen.Next(), Touch);
        _seen = machine.Revision;
    }

    /// <summary>Takes the watch that has waited longest with something to read; call <see cref="Read"/> or, later, <see cref="Resume"/>.</summary>
    public bool TryTakeReady(out WatchId id)
    {
        while (_ready.TryDequeue(out id))
        {
            if (!_watches.TryGetValue(id, out var watch))
                continue;
            watch.Queued = false;
            return true;
        }

        return false;
    }

    /// <summary>Puts a watch that was taken and not read, since its reader was busy, back in the queue.</summary>
    public void Resume(WatchId id)
    {
        if (_watches.TryGetValue(id, out var watch) && watch.Behind && !watch.Queued)
            Enqueue(watch);
    }

    /// <summary>The next batch of a watch. One that is still behind afterwards is ready again, after the others.</summary>
    public WatchDelivery Read(WatchId id, KeyspaceMachine machine)
    {
        Notice(machine);
        if (!_watches.TryGetValue(id, out var watch) || !watch.Behind)
            return new WatchDelivery.Nothing();
        if (machine.ReadEvents(watch.Filter, watch.Next) is not EventsOutcome.Batch batch)
        {
            Close(id);
            return new WatchDelivery.Compacted(machine.Compacted);
        }

        watch.Next = batch.Next;
        watch.Behind = watch.Next <= _seen;
        if (watch.Behind && !watch.Queued)
            Enqueue(watch);
        return batch.Events.IsEmpty ? new WatchDelivery.Nothing() : new WatchDelivery.Events(batch.Events, _seen);
    }

    /// <summary>The revision up to which everything was delivered; null when the watch is not open.</summary>
    /// <remarks>For one that begins in the future, the newest revision: there was nothing to deliver until then.</remarks>
    public Revision? Progress(WatchId id) =>
        !_watches.TryGetValue(id, out var watch) ? null : watch.Behind ? new(watch.Next.Number - 1) : _seen;

    /// <summary>Whether a watch has read everything there is.</summary>
    public bool IsSynced(WatchId id) => _watches.TryGetValue(id, out var watch) && !watch.Behind;

    private static WatchFilter Normal(WatchFilter filter) =>
        filter.Keys.Start.IsEmpty ? filter with { Keys = filter.Keys with { Start = KeyRange.All.Start } } : filter;

    private void Touch(ByteString key, Revision at) => _index.Visit(key, id =>
    {
        var watch = _watches[id];
        if (watch.Behind || at < watch.Next)
            return;
        watch.Next = at;
        MakeReady(watch);
    });

    private void Rewind()
    {
        foreach (var watch in _watches.Values.OrderBy(watch => watch.Id))
        {
            if (watch.Behind)
                continue;
            watch.Next = watch.Next > _seen ? watch.Next : _seen.Next();
            MakeReady(watch);
        }
    }

    private void MakeReady(Watch watch)
    {
        watch.Behind = true;
        if (!watch.Queued)
            Enqueue(watch);
    }

    private void Enqueue(Watch watch)
    {
        watch.Queued = true;
        _ready.Enqueue(watch.Id);
    }

    private sealed record Watch(WatchId Id, WatchFilter Filter)
    {
        /// <summary>Idle: nothing before it is of interest. Behind: where it goes on reading.</summary>
        public Revision Next { get; set; }

        public bool Behind { get; set; }

        public bool Queued { get; set; }
    }
}
