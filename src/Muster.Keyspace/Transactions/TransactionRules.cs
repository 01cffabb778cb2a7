using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>What a transaction must satisfy whatever the keyspace holds.</summary>
/// <remarks>
/// Whoever proposes checks first, so that what cannot be done never enters the log; applying checks again. The order of the
/// checks is etcd's, since a request that breaks two rules is answered with the first.
/// </remarks>
public static class TransactionRules
{
    /// <summary>The first rule broken, or null.</summary>
    public static StoreRefusal? Check(Transaction transaction, KeyspaceLimits limits)
    {
        if (CheckLevel(transaction, limits.OperationsMax) is { } refusal)
            return refusal;
        if (Transactions.DuplicateKeys.AnyIn(transaction.Then) || Transactions.DuplicateKeys.AnyIn(transaction.Else))
            return StoreRefusal.DuplicateKey;
        return !IsReadOnly(transaction) && Bytes(transaction) > limits.RequestBytesMax ? StoreRefusal.RequestTooLarge : null;
    }

    /// <summary>The first rule broken by a range read alone, or null.</summary>
    public static StoreRefusal? Check(Operation.Range range) => CheckRange(range);

    /// <summary>Whether neither branch, at any depth, puts or deletes: then it needs no place in the log.</summary>
    public static bool IsReadOnly(Transaction transaction) => IsReadOnly(transaction.Then) && IsReadOnly(transaction.Else);

    /// <summary>Bytes that the puts of the costlier branch would add.</summary>
    internal static long Cost(Transaction transaction) => Math.Max(Cost(transaction.Then), Cost(transaction.Else));

    private static StoreRefusal? CheckLevel(Transaction transaction, int budget)
    {
        var size = Math.Max(transaction.Guards.Length, Math.Max(transaction.Then.Length, transaction.Else.Length));
        if (size > budget)
            return StoreRefusal.TooManyOperations;
        foreach (var guard in transaction.Guards)
        {
            if (guard.Keys.Start.IsEmpty)
                return StoreRefusal.KeyMissing;
        }

        return CheckBranch(transaction.Then, budget - size) ?? CheckBranch(transaction.Else, budget - size);
    }

    private static StoreRefusal? CheckBranch(ImmutableArray<Operation> branch, int budget)
    {
        foreach (var operation in branch)
        {
            var refusal = operation switch
            {
                Operation.Range range => CheckRange(range),
                Operation.Put put => CheckPut(put),
                Operation.Delete delete => delete.Keys.Start.IsEmpty ? StoreRefusal.KeyMissing : null,
                Operation.Nested nested => CheckLevel(nested.Transaction, budget),
                _ => StoreRefusal.KeyNotFound,
            };
            if (refusal is not null)
                return refusal;
        }

        return null;
    }

    private static StoreRefusal? CheckRange(Operation.Range range)
    {
        if (range.Keys.Start.IsEmpty)
            return StoreRefusal.KeyMissing;
        var sortable = range.Order is >= SortOrder.None and <= SortOrder.Descending
            && range.SortBy is >= SortTarget.Key and <= SortTarget.Value;
        return sortable ? null : StoreRefusal.InvalidSort;
    }

    private static StoreRefusal? CheckPut(Operation.Put put)
    {
        if (put.Key.IsEmpty)
            return StoreRefusal.KeyMissing;
        if (put.KeepValue && !put.Value.IsEmpty)
            return StoreRefusal.ValueProvided;
        return put.KeepLease && put.Lease != LeaseId.None ? StoreRefusal.LeaseProvided : null;
    }

    private static bool IsReadOnly(ImmutableArray<Operation> branch)
    {
        foreach (var operation in branch)
        {
            if (operation is Operation.Put or Operation.Delete
                || operation is Operation.Nested nested && !IsReadOnly(nested.Transaction))
                return false;
        }

        return true;
    }

    private static long Bytes(Transaction transaction)
    {
        var bytes = Bytes(transaction.Then) + Bytes(transaction.Else);
        foreach (var guard in transaction.Guards)
            bytes += Bytes(guard.Keys) + guard.Value.Length;
        return bytes;
    }

    private static long Bytes(ImmutableArray<Operation> branch)
    {
        var bytes = 0L;
        foreach (var operation in branch)
        {
            bytes += operation switch
            {
                Operation.Range range => Bytes(range.Keys),
                Operation.Put put => put.Key.Length + put.Value.Length,
                Operation.Delete delete => Bytes(delete.Keys),
                Operation.Nested nested => Bytes(nested.Transaction),
                _ => 0,
            };
        }

        return bytes;
    }

    private static long Bytes(KeyRange keys) => keys.Start.Length + keys.End.Length;

    private static long Cost(ImmutableArray<Operation> branch)
    {
        var cost = 0L;
        foreach (var operation in branch)
        {
            cost += operation switch
            {
                Operation.Put put => put.Key.Length + put.Value.Length + Storage.VersionedKeys.VersionOverhead,
                Operation.Nested nested => Cost(nested.Transaction),
                _ => 0,
            };
        }

        return cost;
    }
}
