using Muster.Primitives;

namespace Muster.Keyspace.Storage;

/// <summary>What happened, in order: every version since the last compaction with the one it replaced.</summary>
/// <remarks>Positions rise forever and are never reused, so a position outlives compaction.</remarks>
internal sealed class EventLog
{
    private const int ChunkLength = 2048;

    private readonly List<Entry[]> _chunks = [];
    private long _chunksDropped;

    /// <summary>Position of the oldest entry.</summary>
    public long First { get; private set; }

    /// <summary>Position after the newest entry.</summary>
    public long End { get; private set; }

    public ref Entry this[long position] =>
        ref _chunks[(int)(position / ChunkLength - _chunksDropped)][position % ChunkLength];

    public void Add(KeyValue version, KeyValue? previous)
    {
        if (End / ChunkLength - _chunksDropped == _chunks.Count)
            _chunks.Add(new Entry[ChunkLength]);
        this[End++] = new(version, previous);
    }

    /// <summary>Position of the first entry at or after a revision.</summary>
    public long Find(Revision revision)
    {
        long low = First, high = End;
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (this[middle].Version.Modified < revision)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Every version in order.</summary>
    public List<KeyValue> All()
    {
        var all = new List<KeyValue>((int)(End - First));
        for (var position = First; position < End; position++)
            all.Add(this[position].Version);
        return all;
    }

    /// <summary>Forgets entries before a position.</summary>
    public void DropBefore(long position)
    {
        var whole = (int)(position / ChunkLength - _chunksDropped);
        for (var kept = Math.Max(First, (_chunksDropped + whole) * ChunkLength); kept < position; kept++)
            this[kept] = default;
        First = position;
        _chunks.RemoveRange(0, Math.Min(whole, _chunks.Count));
        _chunksDropped += whole;
    }

    /// <param name="Version">The new version; number 0 for a delete.</param>
    /// <param name="Previous">The version it replaced, null when the key did not exist or the version was compacted away.</param>
    internal record struct Entry(KeyValue Version, KeyValue? Previous);
}
