using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>What a command returned.</summary>
public abstract record CommandResult
{
    private CommandResult()
    {
    }

    /// <summary>A transaction was done, whichever branch.</summary>
    /// <param name="Result">What it returned.</param>
    public sealed record Transacted(TransactionResult Result) : CommandResult;

    /// <summary>A lease exists now.</summary>
    /// <param name="Lease">Its id.</param>
    /// <param name="Seconds">Its term in seconds, as granted.</param>
    /// <param name="At">The store's revision, which granting does not change.</param>
    public sealed record Granted(LeaseId Lease, long Seconds, Revision At) : CommandResult;

    /// <summary>A lease is gone and its keys with it.</summary>
    /// <param name="Deleted">Keys deleted; 0 leaves the revision as it was.</param>
    /// <param name="At">The store's revision afterwards.</param>
    public sealed record Revoked(long Deleted, Revision At) : CommandResult;

    /// <summary>History was forgotten.</summary>
    /// <param name="At">The store's revision, which compaction does not change.</param>
    public sealed record Compacted(Revision At) : CommandResult;

    /// <summary>Users, roles or permissions are as asked for.</summary>
    /// <param name="AuthRevision">How often they changed so far, plus 1.</param>
    /// <param name="At">The store's revision, which stays.</param>
    public sealed record AuthChanged(long AuthRevision, Revision At) : CommandResult;

    /// <summary>An alarm is as asked for.</summary>
    /// <param name="Changed">Whether it was not before.</param>
    /// <param name="At">The store's revision, which stays.</param>
    public sealed record AlarmSet(bool Changed, Revision At) : CommandResult;

    /// <summary>The rules forbid the command, and it changed nothing.</summary>
    /// <param name="Refusal">Which rule.</param>
    public sealed record Refused(StoreRefusal Refusal) : CommandResult;

    /// <summary>
    /// The client's table has moved past this request, and the request was not applied now. When <paramref name="Last"/> is its
    /// own sequence it was applied earlier and its result was too large to keep; when greater, its outcome is unknown.
    /// </summary>
    /// <param name="Last">The sequence of the client's last applied request.</param>
    public sealed record Passed(ulong Last) : CommandResult;
}
