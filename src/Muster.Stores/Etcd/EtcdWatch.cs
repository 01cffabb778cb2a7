using System.Collections.Immutable;
using Muster.Codecs.Etcd;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Stores.Etcd;

/// <summary>One watch, over any number of streams: where it stands, and what it tells.</summary>
/// <param name="keys">Which keys, as the server names them.</param>
/// <param name="from">First revision of interest; none: from its first opening on.</param>
internal abstract class EtcdWatch(KeyRange keys, Revision from)
{
    /// <summary>Its id on the stream; never 0, which would let the server choose, and never used again on any.</summary>
    public long Id { get; set; }

    /// <summary>Everything before this revision has been told; none while that is not known.</summary>
    public Revision Next { get; protected set; } = from;

    /// <summary>Whether the key before a change is wanted.</summary>
    protected abstract bool WantsPrevious { get; }

    public WatchRequest.Create Request() => new(new WatchFilter(keys) { ReturnPrevious = WantsPrevious }, Next, Id) { NotifyProgress = true };

    /// <summary>The server has opened it; of what comes from now on nothing is missed.</summary>
    public virtual void Opened(Revision at)
    {
        if (Next == Revision.None)
            Next = at.Next();
    }

    /// <summary>Takes what a server sends; what was told before, by another server perhaps, is left out.</summary>
    public void Take(WatchResponse response)
    {
        var fresh = response.Events.Where(change => change.Key.Modified >= Next).ToImmutableArray();
        var next = response.Events.IsEmpty ? response.Header.Revision.Next() : response.Events[^1].Key.Modified.Next();
        if (next > Next)
            Next = next;
        if (!fresh.IsEmpty)
            Tell(fresh);
    }

    /// <summary>What comes next is gone.</summary>
    /// <returns>Whether the watch goes on from now.</returns>
    public abstract bool Compacted(Revision oldest);

    protected abstract void Tell(ImmutableArray<WatchEvent> events);
}

/// <summary>Says that something changed; where it cannot know, it says so too.</summary>
internal sealed class LevelWatch(KeyRange keys, Action changed) : EtcdWatch(keys, Revision.None)
{
    protected override bool WantsPrevious => false;

    public override void Opened(Revision at)
    {
        // Between asking for the watch and its opening something may have changed, unless it goes on from where it was.
        var isNew = Next == Revision.None;
        base.Opened(at);
        if (isNew)
            changed();
    }

    public override bool Compacted(Revision oldest)
    {
        Next = Revision.None;
        return true;
    }

    protected override void Tell(ImmutableArray<WatchEvent> events) => changed();
}

/// <summary>Tells every event once.</summary>
internal sealed class EventWatch(
    KeyRange keys, Revision from, KeyPrefix prefix, Action<ImmutableArray<StoreEvent>> deliver, Action<Revision> ended) : EtcdWatch(keys, from)
{
    protected override bool WantsPrevious => true;

    public override bool Compacted(Revision oldest)
    {
        ended(oldest);
        return false;
    }

    protected override void Tell(ImmutableArray<WatchEvent> events) => deliver(
    [
        .. events.Select(change => new StoreEvent(prefix.Strip(change.Key), change.Previous is { } before ? prefix.Strip(before) : null, change.IsDelete)),
    ]);
}
