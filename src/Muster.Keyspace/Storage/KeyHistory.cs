using Muster.Primitives;

namespace Muster.Keyspace.Storage;

/// <summary>The superseded versions of one key, oldest first; a delete is a version with number 0.</summary>
internal sealed class KeyHistory
{
    private KeyValue[] _versions = new KeyValue[2];

    public int Count { get; private set; }

    public void Add(KeyValue version)
    {
        if (Count == _versions.Length)
            Array.Resize(ref _versions, Count * 2);
        _versions[Count++] = version;
    }

    /// <summary>The last version at or before a revision, or null.</summary>
    public KeyValue? At(Revision revision)
    {
        var index = FirstAfter(revision) - 1;
        return index < 0 ? null : _versions[index];
    }

    /// <summary>Forgets what nobody can read once a revision is the oldest readable one.</summary>
    /// <returns>What the forgotten versions cost.</returns>
    /// <param name="oldest">The oldest readable revision.</param>
    /// <param name="newest">The key's newest version, which is not in here.</param>
    public long Trim(Revision oldest, KeyValue newest)
    {
        var after = FirstAfter(oldest);
        var dropped = newest.Modified <= oldest || after == 0 || _versions[after - 1].Version.Number == 0
            ? after
            : after - 1;
        if (dropped == 0)
            return 0;
        var cost = 0L;
        for (var i = 0; i < dropped; i++)
            cost += VersionedKeys.Cost(_versions[i]);
        Count -= dropped;
        var kept = new KeyValue[Math.Max(2, Count)];
        Array.Copy(_versions, dropped, kept, 0, Count);
        _versions = kept;
        return cost;
    }

    private int FirstAfter(Revision revision)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_versions[middle].Modified <= revision)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
