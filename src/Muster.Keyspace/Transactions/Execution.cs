using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Muster.Keyspace.Leases;
using Muster.Keyspace.Ranges;
using Muster.Keyspace.Storage;
using Muster.Primitives;

namespace Muster.Keyspace.Transactions;

/// <summary>Does one transaction along the path that its guards chose; every change is at one revision.</summary>
internal sealed class Execution
{
    private readonly VersionedKeys _keys;
    private readonly LeaseTable _leases;
    private readonly List<bool> _path;
    private readonly Revision _before;
    private int _step;

    public Execution(VersionedKeys keys, LeaseTable leases, Transaction transaction)
    {
        _keys = keys;
        _leases = leases;
        _path = Guards.Path(transaction, keys);
        _before = keys.Revision;
    }

    /// <summary>Why the chosen branch cannot be done, looking at nothing but the state before; null when it can.</summary>
    /// <remarks>All puts are looked at before any range, as etcd does.</remarks>
    public StoreRefusal? Check(Transaction transaction)
    {
        _step = 0;
        if (CheckPuts(transaction) is { } refusal)
            return refusal;
        _step = 0;
        return CheckRanges(transaction);
    }

    public TransactionResult Run(Transaction transaction)
    {
        _step = 0;
        return RunLevel(transaction);
    }

    private ImmutableArray<Operation> Branch(Transaction transaction, out bool succeeded) =>
        (succeeded = _path[_step++]) ? transaction.Then : transaction.Else;

    private StoreRefusal? CheckPuts(Transaction transaction)
    {
        foreach (var operation in Branch(transaction, out _))
        {
            var refusal = operation switch
            {
                Operation.Put put => CheckPut(put),
                Operation.Nested nested => CheckPuts(nested.Transaction),
                _ => null,
            };
            if (refusal is not null)
                return refusal;
        }

        return null;
    }

    private StoreRefusal? CheckPut(Operation.Put put)
    {
        if ((put.KeepValue || put.KeepLease) && _keys.Find(put.Key) is null)
            return StoreRefusal.KeyNotFound;
        return put.Lease != LeaseId.None && !_leases.Contains(put.Lease) ? StoreRefusal.LeaseNotFound : null;
    }

    private StoreRefusal? CheckRanges(Transaction transaction)
    {
        foreach (var operation in Branch(transaction, out _))
        {
            var refusal = operation switch
            {
                Operation.Range { At.Number: not 0 } range when range.At > _before => StoreRefusal.FutureRevision,
                Operation.Range { At.Number: not 0 } range when range.At < _keys.Compacted => StoreRefusal.Compacted,
                Operation.Nested nested => CheckRanges(nested.Transaction),
                _ => null,
            };
            if (refusal is not null)
                return refusal;
        }

        return null;
    }

    private TransactionResult RunLevel(Transaction transaction)
    {
        var branch = Branch(transaction, out var succeeded);
        var results = branch.IsEmpty ? [] : new OperationResult[branch.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = branch[i] switch
            {
                Operation.Range range => RangeReader.Read(range, _keys),
                Operation.Put put => Put(put),
                Operation.Delete delete => Delete(delete),
                Operation.Nested nested => new OperationResult.Nested(RunLevel(nested.Transaction)),
                _ => throw new InvariantBrokenException("an operation that the rules let through is known"),
            };
        }

        return new(succeeded, ImmutableCollectionsMarshal.AsImmutableArray(results), _keys.Revision);
    }

    private OperationResult.Put Put(Operation.Put put)
    {
        var previous = _keys.Find(put.Key);
        var now = _before.Next();
        // Kept from the state now: a delete of an open range may have taken the key meanwhile.
        var value = put.KeepValue ? previous?.Value ?? default : put.Value;
        var lease = put.KeepLease ? previous?.Lease ?? LeaseId.None : put.Lease;
        var version = previous is null
            ? new KeyValue(put.Key, value, now, now, new(1), lease)
            : new KeyValue(previous.Key, value, previous.Created, now, new(previous.Version.Number + 1), lease);
        _keys.Put(version);
        _leases.Move(version.Key, previous?.Lease ?? LeaseId.None, lease);
        return new(put.ReturnPrevious ? previous : null, _keys.Revision);
    }

    private OperationResult.Delete Delete(Operation.Delete delete)
    {
        var found = Deletion.Delete(delete.Keys, _keys, _leases, _before.Next());
        ImmutableArray<KeyValue> previous = delete.ReturnPrevious ? [.. found] : [];
        return new(found.Count, previous, _keys.Revision);
    }
}
