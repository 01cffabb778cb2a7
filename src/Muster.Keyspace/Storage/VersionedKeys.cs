using Muster.Primitives;

namespace Muster.Keyspace.Storage;

/// <summary>Keys, their kept history and the log of events; knows revisions, but neither requests nor leases.</summary>
/// <remarks>
/// Kept are exactly: what existed at the compacted revision, and every version from that revision on. Versions are immutable
/// and shared between index, log, results and images.
/// </remarks>
internal sealed class VersionedKeys
{
    /// <summary>Bytes a version counts for beside its key and value.</summary>
    public const int VersionOverhead = 96;

    private readonly KeyTree _tree = new();

    public EventLog Events { get; } = new();

    public Revision Revision { get; private set; } = new(1);

    public Revision Compacted { get; private set; } = new(-1);

    /// <summary>Bytes of the versions that can be read.</summary>
    public long SpaceUsed { get; private set; }

    public int Live => _tree.Live;

    /// <summary>Restores what <see cref="Base"/> and the log held, in that order.</summary>
    public static VersionedKeys Restore(
        Revision revision, Revision compacted, IReadOnlyList<KeyValue> past, IReadOnlyList<KeyValue> events)
    {
        var keys = new VersionedKeys { Compacted = compacted };
        foreach (var version in past)
        {
            keys._tree.Put(version);
            keys.SpaceUsed += Cost(version);
        }

        foreach (var version in events)
            keys.Put(version);
        keys.TrimTo(compacted);
        Invariant.Require(keys.Revision <= revision);
        keys.Revision = revision;
        return keys;
    }

    public KeyValue? Find(ByteString key)
    {
        var (leaf, index) = _tree.Locate(key);
        return index >= 0 && leaf.IsLive(index) ? leaf.Newest(index) : null;
    }

    /// <summary>Adds a version at the newest revision or a later one, which then is the newest.</summary>
    public void Put(KeyValue version)
    {
        Invariant.Require(version.Modified >= Revision);
        var (leaf, index) = _tree.Locate(version.Key);
        var newest = index >= 0 ? leaf.Newest(index) : null;
        var lives = newest is { Version.Number: > 0 };
        // A key may change twice in one revision (delete an open range, then put): watchers see the state before both.
        var previous = newest?.Modified == version.Modified ? leaf.At(index, new(version.Modified.Number - 1)) : lives ? newest : null;
        if (lives && version.Version.Number > 0)
            leaf.Replace(index, version);
        else
            _tree.Put(version);
        Events.Add(version, previous);
        SpaceUsed += Cost(version);
        Revision = version.Modified;
    }

    public TreeCursor Seek(KeyRange range) => _tree.Seek(range);

    public long CountLive(KeyRange range) => _tree.CountLive(range);

    /// <summary>Forgets what was superseded at or before a revision; it costs as much as happened until then.</summary>
    public void Compact(Revision at)
    {
        TrimTo(at);
        Compacted = at;
        Events.DropBefore(Events.Find(at));
    }

    /// <summary>What existed at the compacted revision and was not written in it, in the order of keys.</summary>
    public List<KeyValue> Base()
    {
        var kept = new List<KeyValue>(_tree.Live);
        var cursor = _tree.Seek(KeyRange.All);
        while (cursor.NextAt(Compacted, out var version))
        {
            if (version.Modified < Compacted)
                kept.Add(version);
        }

        return kept;
    }

    public static long Cost(KeyValue version) => version.Key.Length + version.Value.Length + VersionOverhead;

    private void TrimTo(Revision at)
    {
        for (var position = Events.First; position < Events.End && Events[position].Version.Modified <= at; position++)
        {
            ref var entry = ref Events[position];
            SpaceUsed -= _tree.Trim(entry.Version.Key, at);
            entry.Previous = null;      // readers of the oldest readable revision cannot ask for the one before it
        }
    }
}
