using System.Text;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Stores.Embedded;

namespace Muster.Server.Etcd.Recipes;

/// <summary>A place in etcd's queue for one name: the key of a lease, waiting for those created before it.</summary>
/// <remarks>
/// The key is the name, a slash, and the lease in hexadecimal; whoever has the lowest create revision is first. Keys, guards and order
/// are those of etcd's own clients, so that they wait for each other. Runs on the store's loop.
/// </remarks>
internal sealed class Queue(EmbeddedStore store, ByteString name, Author author)
{
    private readonly KeyRange _prefix = KeyRange.Prefix(new ByteString([.. name.Span, (byte)'/']));

    /// <summary>All places of the name.</summary>
    public KeyRange All => _prefix;

    /// <summary>The key of a lease's place.</summary>
    public ByteString KeyOf(LeaseId lease) => new([.. _prefix.Start.Span, .. Encoding.ASCII.GetBytes(lease.ToString())]);

    /// <summary>Takes a place, or finds that the lease has one.</summary>
    /// <returns>The place's create revision, what the place holds when the lease had it before, and the store's revision.</returns>
    /// <exception cref="StoreRefusedException">There is no such lease, or the caller may not.</exception>
    public async Task<(Revision Created, KeyValue? Before, Revision At)> EnterAsync(LeaseId lease, ByteString value)
    {
        var key = KeyOf(lease);
        var result = await TransactAsync(new(
            [Compare.Absent(key)], [new Operation.Put(key, value, lease)], [new Operation.Range(KeyRange.Single(key))]));
        if (result.Succeeded)
            return (result.At, null, result.At);
        var before = ((OperationResult.Range)result.Results[0]).Keys[0];
        return (before.Created, before, result.At);
    }

    /// <summary>Waits until nobody is before a place.</summary>
    /// <returns>The store's revision when it was seen.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<Revision> WaitAsync(Revision created, CancellationToken cancel)
    {
        while (true)
        {
            var found = Read(new Operation.Range(_prefix)
            {
                CreatedTo = new(created.Number - 1), SortBy = SortTarget.CreateRevision, Order = SortOrder.Descending, Limit = 1,
            });
            if (found.Keys.IsEmpty)
                return found.At;
            await DeletedAsync(found.Keys[0].Key, found.At.Next(), cancel);
        }
    }

    /// <summary>Who is first; null when nobody is there.</summary>
    public (KeyValue? First, Revision At) First()
    {
        var found = Read(new Operation.Range(_prefix) { SortBy = SortTarget.CreateRevision, Order = SortOrder.Ascending, Limit = 1 });
        return (found.Keys.IsEmpty ? null : found.Keys[0], found.At);
    }

    /// <summary>Does a transaction for the caller.</summary>
    public async Task<TransactionResult> TransactAsync(Transaction transaction) =>
        await store.ProposeAsync(new Command.Transact(transaction) { Author = author }) switch
        {
            CommandResult.Transacted(var done) => done,
            CommandResult.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw new InvariantBrokenException("a transaction without request id is done or refused"),
        };

    /// <summary>Leaves a place, if it is still the same.</summary>
    public Task<TransactionResult> LeaveAsync(ByteString key, Revision created) =>
        TransactAsync(Transaction.When([Compare.CreatedAt(key, created)], new Operation.Delete(KeyRange.Single(key))));

    private OperationResult.Range Read(Operation.Range range)
    {
        ServiceMethods.Require(store.State.Auth.Check(author, range.Keys, Keyspace.Access.Read));
        return store.State.Read(range) switch
        {
            ReadOutcome.Found(var found) => found,
            ReadOutcome.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw new InvariantBrokenException("a read finds or is refused"),
        };
    }

    private async Task DeletedAsync(ByteString key, Revision from, CancellationToken cancel)
    {
        var deleted = new TaskCompletionSource();       // completed on the loop
        using var watch = store.Watch(
            KeyRange.Single(key), from,
            events =>
            {
                if (events.Any(change => change.IsDelete))
                    deleted.TrySetResult();
            },
            _ => deleted.TrySetResult());               // history is gone: look again
        await deleted.Task.WaitAsync(cancel);
    }
}
