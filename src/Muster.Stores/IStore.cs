using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Stores;

/// <summary>What every engine gives in full, and all that coordination, servers and agents may use.</summary>
/// <remarks>Model: etcd's. Calls are made on a loop's context and complete there.</remarks>
public interface IStore
{
    /// <summary>Names this store; part of every fencing token.</summary>
    ClusterId Cluster { get; }

    /// <summary>Applies a guarded transaction; durable and visible when the task completes.</summary>
    /// <param name="transaction">What.</param>
    /// <param name="request">When given, the transaction is applied once however often it is sent.</param>
    /// <param name="cancel">Honoured until the transaction is handed to the engine; then its outcome is awaited.</param>
    /// <exception cref="StoreRefusedException">The store's rules refuse it; nothing was done.</exception>
    /// <exception cref="StoreUnavailableException">The outcome is unknown: it may or may not have been applied.</exception>
    Task<TransactionResult> TransactAsync(Transaction transaction, RequestId? request, CancellationToken cancel);

    /// <summary>Reads a range, linearizably.</summary>
    Task<OperationResult.Range> RangeAsync(Operation.Range range, CancellationToken cancel);

    /// <summary>Grants a lease.</summary>
    /// <param name="term">Wished length; the engine may grant more.</param>
    /// <param name="cancel">Honoured until the request is handed over.</param>
    Task<GrantedLease> GrantLeaseAsync(TimeSpan term, CancellationToken cancel);

    /// <summary>Starts a lease's term again.</summary>
    /// <returns>False when the lease has ended; it never comes back.</returns>
    Task<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancel);

    /// <summary>Ends a lease and deletes its keys at one revision; nothing when it has ended.</summary>
    Task RevokeLeaseAsync(LeaseId lease, CancellationToken cancel);

    /// <summary>Says that something under a range changed. May say so once for many changes, and without any.</summary>
    /// <param name="keys">Which keys.</param>
    /// <param name="changed">Called on the loop's context; read the range then.</param>
    /// <returns>Dispose to stop.</returns>
    IDisposable OnChange(KeyRange keys, Action changed);
}

/// <summary>A granted lease.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Term">Its length: it never ends earlier than this after it was granted or last kept alive.</param>
public readonly record struct GrantedLease(LeaseId Id, TimeSpan Term);

/// <summary>An engine that also keeps history.</summary>
public interface IVersionedStore : IStore
{
    /// <summary>Delivers every event of a range once, whole revision by whole revision, from a revision on.</summary>
    /// <param name="keys">Which keys.</param>
    /// <param name="from">First revision; none: from now on.</param>
    /// <param name="deliver">Called on the loop's context with the events of one or more whole revisions, in order.</param>
    /// <param name="ended">Called once if the watch cannot go on: the revision was compacted away.</param>
    /// <returns>Dispose to stop.</returns>
    IDisposable Watch(KeyRange keys, Revision from, Action<ImmutableArray<StoreEvent>> deliver, Action<Revision> ended);

    /// <summary>Drops history before a revision.</summary>
    Task CompactAsync(Revision revision, CancellationToken cancel);
}

/// <summary>One change of one key.</summary>
/// <param name="Key">After the change; for a deletion only its name and the deletion's revision are set.</param>
/// <param name="Previous">Before the change, when it existed and is still kept.</param>
/// <param name="IsDelete">Whether the key was deleted.</param>
public sealed record StoreEvent(KeyValue Key, KeyValue? Previous, bool IsDelete);

/// <summary>The store could not be reached or is stopping; a write's outcome is unknown.</summary>
public sealed class StoreUnavailableException(string detail) : Exception($"the store is unavailable: {detail}");
