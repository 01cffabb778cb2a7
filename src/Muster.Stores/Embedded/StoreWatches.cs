using System.Collections.Immutable;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Stores.Embedded;

/// <summary>Tells watchers, on the loop's next turn, what is new for them.</summary>
internal sealed class StoreWatches(KeyspaceMachine machine, KeyspaceLimits limits)
{
    private readonly WatchHub _hub = new(limits);
    private readonly Dictionary<WatchId, Watcher> _watchers = [];   // looked up by id only
    private bool _scheduled;

    public IDisposable OnChange(KeyRange keys, Action changed) => Open(keys, Revision.None, _ => changed(), _ => changed());

    public IDisposable Watch(KeyRange keys, Revision from, Action<ImmutableArray<StoreEvent>> deliver, Action<Revision> ended) =>
        Open(keys, from, events => deliver([.. events.Select(e => new StoreEvent(e.Key, e.Previous, e.IsDelete))]), ended);

    /// <summary>Something was applied.</summary>
    public void Notice()
    {
        _hub.Notice(machine);
        Schedule();
    }

    private Watcher Open(KeyRange keys, Revision from, Action<ImmutableArray<WatchEvent>> deliver, Action<Revision> ended)
    {
        switch (_hub.Open(new WatchFilter(keys) { ReturnPrevious = true }, from, machine))
        {
            case WatchOpened.Open(var id, _):
                var watcher = new Watcher(this, id, deliver, ended);
                _watchers.Add(id, watcher);
                Schedule();
                return watcher;
            case WatchOpened.EmptyRange:
                throw new ArgumentException("a watch of an empty range would never tell anything", nameof(keys));
            case WatchOpened.BeforeHistory:
                throw new StoreRefusedException(StoreRefusal.Compacted);
            default:
                throw new StoreRefusedException(StoreRefusal.TooManyRequests);
        }
    }

    /// <summary>On a later turn of the loop: a watcher that writes must not run inside somebody's write.</summary>
    private void Schedule()
    {
        if (_scheduled)
            return;
        _scheduled = true;
        var loop = SynchronizationContext.Current;
        Invariant.Require(loop is not null);
        loop.Post(_ => Deliver(), null);
    }

    private void Deliver()
    {
        _scheduled = false;
        while (_hub.TryTakeReady(out var id))
        {
            var delivery = _hub.Read(id, machine);
            if (!_watchers.TryGetValue(id, out var watcher))
                continue;
            if (delivery is WatchDelivery.Events(var changes, _))
                watcher.Deliver(changes);
            if (delivery is not WatchDelivery.Compacted(var oldest))
                continue;
            _watchers.Remove(id);
            watcher.Ended(oldest);
        }
    }

    private sealed class Watcher(
        StoreWatches owner, WatchId id, Action<ImmutableArray<WatchEvent>> deliver, Action<Revision> ended) : IDisposable
    {
        public Action<ImmutableArray<WatchEvent>> Deliver => deliver;

        public Action<Revision> Ended => ended;

        public void Dispose()
        {
            owner._hub.Close(id);
            owner._watchers.Remove(id);
        }
    }
}
