using Muster.Primitives;

namespace Muster.Keyspace.Tests.Oracle;

/// <summary>What a transaction must satisfy whatever the store holds, the obvious way.</summary>
internal static class NaiveRules
{
    public static StoreRefusal? Check(Transaction transaction) =>
        Sizes(transaction, 128) ?? Duplicates([.. transaction.Then]).Refusal ?? Duplicates([.. transaction.Else]).Refusal;

    public static StoreRefusal? Check(Operation.Range range)
    {
        if (range.Keys.Start.Length == 0)
            return StoreRefusal.KeyMissing;
        return Enum.IsDefined(range.Order) && Enum.IsDefined(range.SortBy) ? null : StoreRefusal.InvalidSort;
    }

    private static StoreRefusal? Sizes(Transaction transaction, int budget)
    {
        var size = new[] { transaction.Guards.Length, transaction.Then.Length, transaction.Else.Length }.Max();
        if (size > budget)
            return StoreRefusal.TooManyOperations;
        if (transaction.Guards.Any(guard => guard.Keys.Start.Length == 0))
            return StoreRefusal.KeyMissing;
        return transaction.Then.Concat(transaction.Else).Select(o => Check(o, budget - size)).FirstOrDefault(r => r is not null);
    }

    private static StoreRefusal? Check(Operation operation, int budget) => operation switch
    {
        Operation.Range range => Check(range),
        Operation.Put { Key.Length: 0 } => StoreRefusal.KeyMissing,
        Operation.Put { KeepValue: true, Value.Length: > 0 } => StoreRefusal.ValueProvided,
        Operation.Put { KeepLease: true, Lease.Number: not 0 } => StoreRefusal.LeaseProvided,
        Operation.Delete { Keys.Start.Length: 0 } => StoreRefusal.KeyMissing,
        Operation.Nested nested => Sizes(nested.Transaction, budget),
        _ => null,
    };

    private static (StoreRefusal? Refusal, List<string> Puts, List<KeyRange> Deletes) Duplicates(List<Operation> branch)
    {
        var puts = new List<string>();
        var deletes = branch.OfType<Operation.Delete>().Select(delete => delete.Keys).ToList();
        foreach (var nested in branch.OfType<Operation.Nested>())
        {
            var then = Duplicates([.. nested.Transaction.Then]);
            var otherwise = Duplicates([.. nested.Transaction.Else]);
            var inner = then.Puts.Union(otherwise.Puts).ToList();
            if (then.Refusal is not null || otherwise.Refusal is not null
                || inner.Any(puts.Contains) || inner.Any(key => deletes.Any(range => Hits(range, key))))
                return (StoreRefusal.DuplicateKey, [], []);
            puts.AddRange(inner);
            deletes.AddRange(then.Deletes);
            deletes.AddRange(otherwise.Deletes);
        }

        foreach (var key in branch.OfType<Operation.Put>().Select(put => NaiveStore.Text(put.Key)))
        {
            if (puts.Contains(key) || deletes.Any(range => Hits(range, key)))
                return (StoreRefusal.DuplicateKey, [], []);
            puts.Add(key);
        }

        return (null, puts, deletes);
    }

    // As in etcd an open end, one zero byte, is an ordinary bound here: such a delete hits nothing.
    private static bool Hits(KeyRange range, string key)
    {
        var (start, end) = (NaiveStore.Text(range.Start), NaiveStore.Text(range.End));
        return end.Length == 0
            ? key == start
            : string.CompareOrdinal(start, key) <= 0 && string.CompareOrdinal(key, end) < 0;
    }
}
