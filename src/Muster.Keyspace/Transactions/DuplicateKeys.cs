using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace.Transactions;

/// <summary>Finds a key that a transaction would write twice, before anything is done.</summary>
/// <remarks>
/// The order of the steps is etcd's (its <c>checkIntervals</c>) and shows: a nested delete collides with the puts of later
/// nested transactions and of the enclosing level, not with those of earlier nested ones.
/// </remarks>
internal static class DuplicateKeys
{
    public static bool AnyIn(ImmutableArray<Operation> branch) =>
        (branch.Length > 1 || branch is [Operation.Nested]) && Collect(branch) is null;

    private static Writes? Collect(ImmutableArray<Operation> branch)
    {
        var writes = new Writes();
        foreach (var operation in branch)
        {
            if (operation is Operation.Delete delete)
                writes.Deletes.Add(delete.Keys);
        }

        writes.Deletes.Settle();
        foreach (var operation in branch)
        {
            if (operation is Operation.Nested nested && !AddNested(writes, nested.Transaction))
                return null;
        }

        foreach (var operation in branch)
        {
            if (operation is Operation.Put put && (writes.Deletes.Contains(put.Key) || !writes.Puts.Add(put.Key)))
                return null;
        }

        return writes;
    }

    private static bool AddNested(Writes outer, Transaction nested)
    {
        if (Collect(nested.Then) is not { } then || Collect(nested.Else) is not { } otherwise)
            return false;
        foreach (var key in then.Puts)
        {
            if (outer.Deletes.Contains(key) || !outer.Puts.Add(key))
                return false;
        }

        foreach (var key in otherwise.Puts)
        {
            var exclusive = then.Puts.Contains(key);      // only one of the two branches is taken
            if (outer.Deletes.Contains(key) || !outer.Puts.Add(key) && !exclusive)
                return false;
        }

        outer.Deletes.Union(then.Deletes);
        outer.Deletes.Union(otherwise.Deletes);
        return true;
    }

    private sealed class Writes
    {
        public SortedSet<ByteString> Puts { get; } = [];

        public DeletedRanges Deletes { get; } = new();
    }
}
