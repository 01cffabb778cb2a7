using System.Collections.Concurrent;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Etcd.Tests.Watching;

/// <summary>What the writers were told they did: the truth that watchers are measured by.</summary>
internal sealed class History
{
    private readonly ConcurrentDictionary<long, bool> _oldest = new();

    /// <summary>History before a revision is being forgotten.</summary>
    public void Compacted(long oldest) => _oldest[oldest] = true;

    /// <summary>Whether a revision was at some time the oldest that could be read.</summary>
    public bool WasOldest(long revision) => _oldest.ContainsKey(revision);

    private readonly ConcurrentDictionary<long, (string Key, string? Value)[]> _changes = new();

    /// <summary>A revision and what changed in it, in order; no value for a delete.</summary>
    public void Add(Revision revision, params (string Key, string? Value)[] changes) =>
        Assert.True(_changes.TryAdd(revision.Number, changes), $"revision {revision} was given twice");

    /// <summary>Every event of a range, as it must be told.</summary>
    public List<Event> Of(WatchFilter filter)
    {
        var (now, events) = (new Dictionary<string, (string Value, long Modified)>(), new List<Event>());
        foreach (var (revision, changes) in _changes.OrderBy(change => change.Key))
        {
            foreach (var (key, value) in changes)
            {
                (string Value, long Modified)? before = now.TryGetValue(key, out var held) ? held : null;
                if (value is null)
                    now.Remove(key);
                else
                    now[key] = (value, revision);
                if (filter.Keys.Contains(ByteString.From(key)) && !(value is null ? filter.NoDeletes : filter.NoPuts))
                    events.Add(new(revision, key, value, value is not null && before is null, filter.ReturnPrevious ? before?.Value : null));
            }
        }

        return events;
    }

    /// <param name="Revision">When.</param>
    /// <param name="Key">Which key.</param>
    /// <param name="Value">Its value afterwards; null for a delete.</param>
    /// <param name="IsCreate">Whether it did not exist before.</param>
    /// <param name="Previous">Its value before, where that is asked for.</param>
    public sealed record Event(long Revision, string Key, string? Value, bool IsCreate, string? Previous);
}
