using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Stores;

/// <summary>Tells, on the loop's next turn, who watches a range that something in it changed.</summary>
internal sealed class ChangeWatches
{
    private readonly List<Watcher> _watchers = [];
    private bool _scheduled;

    public IDisposable Add(KeyRange keys, Action changed)
    {
        if (keys.IsEmpty)
            throw new ArgumentException("a watch of an empty range would never tell anything", nameof(keys));
        var watcher = new Watcher(this, keys, changed);
        _watchers.Add(watcher);
        return watcher;
    }

    /// <summary>These keys changed; null: perhaps any.</summary>
    public void Notice(ImmutableArray<ByteString>? changed)
    {
        foreach (var watcher in _watchers)
            watcher.IsTold |= changed is not { } keys || keys.Any(watcher.Keys.Contains);
        if (_scheduled || !_watchers.Any(watcher => watcher.IsTold))
            return;
        _scheduled = true;
        var loop = SynchronizationContext.Current;
        Invariant.Require(loop is not null);
        loop.Post(_ => Tell(), null);   // on a later turn: a watcher that writes must not run inside somebody's write
    }

    private void Tell()
    {
        _scheduled = false;
        foreach (var watcher in _watchers.Where(watcher => watcher.IsTold).ToList())
        {
            watcher.IsTold = false;
            if (_watchers.Contains(watcher))
                watcher.Changed();
        }
    }

    private sealed class Watcher(ChangeWatches owner, KeyRange keys, Action changed) : IDisposable
    {
        public KeyRange Keys => keys;

        public Action Changed => changed;

        public bool IsTold { get; set; }

        public void Dispose() => owner._watchers.Remove(this);
    }
}
