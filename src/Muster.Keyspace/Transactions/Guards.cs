using Muster.Keyspace.Storage;
using Muster.Primitives;

namespace Muster.Keyspace.Transactions;

/// <summary>Evaluates the guards of a transaction, nested ones included, on the state before it.</summary>
internal static class Guards
{
    private static readonly KeyValue s_absent = new(default, default, default, default, default, default);

    /// <summary>Which branch each transaction on the way takes, in the order in which they are met.</summary>
    public static List<bool> Path(Transaction transaction, VersionedKeys keys)
    {
        var path = new List<bool>(1);
        Walk(transaction, keys, path);
        return path;
    }

    private static void Walk(Transaction transaction, VersionedKeys keys, List<bool> path)
    {
        var holds = true;
        foreach (var guard in transaction.Guards)
        {
            if (!(holds = Holds(guard, keys)))
                break;
        }

        path.Add(holds);
        foreach (var operation in holds ? transaction.Then : transaction.Else)
        {
            if (operation is Operation.Nested nested)
                Walk(nested.Transaction, keys, path);
        }
    }

    private static bool Holds(Compare guard, VersionedKeys keys)
    {
        if (guard.Keys.IsSingle)
            return keys.Find(guard.Keys.Start) is { } key ? Holds(guard, key) : HoldsForNone(guard);
        var cursor = keys.Seek(guard.Keys);
        if (!cursor.NextLive(out var found))
            return HoldsForNone(guard);
        do
        {
            if (!Holds(guard, found))
                return false;
        }
        while (cursor.NextLive(out found));
        return true;
    }

    private static bool HoldsForNone(Compare guard) => guard.Target != CompareTarget.Value && Holds(guard, s_absent);

    private static bool Holds(Compare guard, KeyValue key)
    {
        var order = guard.Target switch
        {
            CompareTarget.Version => key.Version.Number.CompareTo(guard.Number),
            CompareTarget.CreateRevision => key.Created.Number.CompareTo(guard.Number),
            CompareTarget.ModifyRevision => key.Modified.Number.CompareTo(guard.Number),
            CompareTarget.Value => key.Value.CompareTo(guard.Value),
            CompareTarget.Lease => key.Lease.Number.CompareTo(guard.Number),
            _ => 0,
        };
        return guard.Relation switch
        {
            CompareRelation.Equal => order == 0,
            CompareRelation.Greater => order > 0,
            CompareRelation.Less => order < 0,
            CompareRelation.NotEqual => order != 0,
            _ => true,
        };
    }
}
