using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>An open watch of one hub, from 1, never used twice. Not etcd's id, which counts within one stream.</summary>
public readonly record struct WatchId(long Number) : IComparable<WatchId>
{
    /// <inheritdoc/>
    public int CompareTo(WatchId other) => Number.CompareTo(other.Number);

    /// <inheritdoc/>
    public override string ToString() => Number.ToString();
}

/// <summary>What opening a watch came to.</summary>
public abstract record WatchOpened
{
    private WatchOpened()
    {
    }

    /// <summary>It is open.</summary>
    /// <param name="Watch">Its id.</param>
    /// <param name="At">The newest revision now: a watch without a start begins after it.</param>
    public sealed record Open(WatchId Watch, Revision At) : WatchOpened;

    /// <summary>No key can lie in the range.</summary>
    public sealed record EmptyRange : WatchOpened;

    /// <summary>The start is negative, before anything that was ever kept.</summary>
    public sealed record BeforeHistory : WatchOpened;

    /// <summary>The hub has as many watches as <see cref="KeyspaceLimits.WatchesMax"/> allows.</summary>
    public sealed record TooMany : WatchOpened;
}

/// <summary>What a watch has to deliver now.</summary>
public abstract record WatchDelivery
{
    private WatchDelivery()
    {
    }

    /// <summary>Whole revisions of events, in order.</summary>
    /// <param name="Changes">At least one.</param>
    /// <param name="At">The newest revision, at least that of the last event.</param>
    public sealed record Events(ImmutableArray<WatchEvent> Changes, Revision At) : WatchDelivery;

    /// <summary>Nothing this time.</summary>
    public sealed record Nothing : WatchDelivery;

    /// <summary>Events that it should have seen are gone; the watch is closed.</summary>
    /// <param name="Oldest">The compacted revision.</param>
    public sealed record Compacted(Revision Oldest) : WatchDelivery;
}
