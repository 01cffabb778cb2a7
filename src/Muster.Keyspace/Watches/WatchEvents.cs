using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>What a watch wants to see.</summary>
/// <param name="Keys">Which keys; an empty first key means "from the smallest on" together with an open end.</param>
public sealed record WatchFilter(KeyRange Keys)
{
    /// <summary>Leaves puts out.</summary>
    public bool NoPuts { get; init; }

    /// <summary>Leaves deletes out.</summary>
    public bool NoDeletes { get; init; }

    /// <summary>Adds the key as it was before the event's revision.</summary>
    public bool ReturnPrevious { get; init; }
}

/// <summary>One change of one key.</summary>
/// <param name="Key">The key afterwards; for a delete only its name and the revision, everything else 0.</param>
/// <param name="Previous">The key before; null for a create, when not asked for, or when compacted away.</param>
public readonly record struct WatchEvent(KeyValue Key, KeyValue? Previous)
{
    /// <summary>Whether the key was deleted.</summary>
    public bool IsDelete => Key.Version.Number == 0;

    /// <summary>Whether the key did not exist before.</summary>
    public bool IsCreate => !IsDelete && Key.Created == Key.Modified;
}

/// <summary>What reading events came to.</summary>
public abstract record EventsOutcome
{
    private EventsOutcome()
    {
    }

    /// <summary>Events of whole revisions, in order; perhaps none.</summary>
    /// <param name="Events">What matched.</param>
    /// <param name="Next">Everything before this revision has been delivered: go on here.</param>
    public sealed record Batch(ImmutableArray<WatchEvent> Events, Revision Next) : EventsOutcome;

    /// <summary>The events asked for are gone: whoever watches has missed some and must read the range anew.</summary>
    /// <param name="Oldest">The compacted revision, from which one can read.</param>
    public sealed record Compacted(Revision Oldest) : EventsOutcome;
}
