using Muster.Keyspace.Leases;
using Muster.Keyspace.Storage;
using Muster.Primitives;

namespace Muster.Keyspace.Transactions;

/// <summary>Deletes keys at a revision, in ascending order.</summary>
internal static class Deletion
{
    /// <returns>The keys as they were.</returns>
    public static List<KeyValue> Delete(KeyRange range, VersionedKeys keys, LeaseTable leases, Revision at)
    {
        var found = new List<KeyValue>();
        if (range.IsSingle)
        {
            if (keys.Find(range.Start) is { } only)
                found.Add(only);
        }
        else
        {
            var cursor = keys.Seek(range);
            while (cursor.NextLive(out var key))
                found.Add(key);
        }

        foreach (var key in found)
            Delete(key, keys, leases, at);
        return found;
    }

    public static void Delete(KeyValue key, VersionedKeys keys, LeaseTable leases, Revision at)
    {
        keys.Put(new(key.Key, default, default, at, default, default));
        leases.Move(key.Key, key.Lease, LeaseId.None);
    }
}
