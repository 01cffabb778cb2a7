using System.Collections.Immutable;
using Muster.Keyspace.Storage;
using Muster.Primitives;

namespace Muster.Keyspace.Ranges;

/// <summary>Reads a range at a revision: fetch, filter, sort, cut.</summary>
internal static class RangeReader
{
    /// <summary>Reads; the revision asked for must be readable.</summary>
    public static OperationResult.Range Read(Operation.Range range, VersionedKeys keys)
    {
        var at = range.At.Number <= 0 ? keys.Revision : range.At;
        var now = at == keys.Revision;
        var filtered = HasFilter(range);
        // As etcd does it: a limit stops the fetching early only without a sort order and a filter. A sort target alone does
        // not count as one, so it sorts what the limit, plus one, let through.
        var fetched = range.Limit > 0 && range.Order == SortOrder.None && !filtered ? range.Limit + 1 : long.MaxValue;
        if (range.CountOnly)
            return new([], false, now ? keys.CountLive(range.Keys) : Count(range.Keys, keys, at), keys.Revision);
        var found = Fetch(range.Keys, keys, at, now, fetched, out var walked);
        var count = found.Count < fetched ? found.Count : now ? keys.CountLive(range.Keys) : walked;
        if (filtered)
            found.RemoveAll(key => !Passes(range, key));
        Sort(range, found);
        var more = range.Limit > 0 && found.Count > range.Limit;
        if (more)
            found.RemoveRange((int)range.Limit, found.Count - (int)range.Limit);
        return new(Result(range, found), more, count, keys.Revision);
    }

    private static List<KeyValue> Fetch(
        KeyRange range, VersionedKeys keys, Revision at, bool now, long most, out long walked)
    {
        var found = new List<KeyValue>(range.IsSingle ? 1 : (int)Math.Min(most, 16));
        var cursor = keys.Seek(range);
        walked = 0;
        if (now)
        {
            while (found.Count < most && cursor.NextLive(out var key))
                found.Add(key);
            return found;
        }

        // The index counts what exists now; what existed then can only be counted by walking.
        while (cursor.NextAt(at, out var key))
        {
            if (walked++ < most)
                found.Add(key);
        }

        return found;
    }

    private static long Count(KeyRange range, VersionedKeys keys, Revision at)
    {
        var count = 0L;
        var cursor = keys.Seek(range);
        while (cursor.NextAt(at, out _))
            count++;
        return count;
    }

    private static bool HasFilter(Operation.Range range) =>
        range.ModifiedFrom.Number != 0 || range.ModifiedTo.Number != 0
        || range.CreatedFrom.Number != 0 || range.CreatedTo.Number != 0;

    private static bool Passes(Operation.Range range, KeyValue key) =>
        (range.ModifiedFrom.Number == 0 || key.Modified >= range.ModifiedFrom)
        && (range.ModifiedTo.Number == 0 || key.Modified <= range.ModifiedTo)
        && (range.CreatedFrom.Number == 0 || key.Created >= range.CreatedFrom)
        && (range.CreatedTo.Number == 0 || key.Created <= range.CreatedTo);

    private static void Sort(Operation.Range range, List<KeyValue> found)
    {
        if (range.SortBy == SortTarget.Key)
        {
            if (range.Order == SortOrder.Descending)
                found.Reverse();
            return;                         // the index gives ascending keys
        }

        var sign = range.Order == SortOrder.Descending ? -1 : 1;
        found.Sort((left, right) =>
        {
            var order = sign * CompareBy(range.SortBy, left, right);
            return order != 0 ? order : left.Key.CompareTo(right.Key);
        });
    }

    private static int CompareBy(SortTarget target, KeyValue left, KeyValue right) => target switch
    {
        SortTarget.Version => left.Version.Number.CompareTo(right.Version.Number),
        SortTarget.CreateRevision => left.Created.CompareTo(right.Created),
        SortTarget.ModifyRevision => left.Modified.CompareTo(right.Modified),
        _ => left.Value.CompareTo(right.Value),
    };

    private static ImmutableArray<KeyValue> Result(Operation.Range range, List<KeyValue> found) =>
        range.KeysOnly ? [.. found.Select(key => key with { Value = default })] : [.. found];
}
