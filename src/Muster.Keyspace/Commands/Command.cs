using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>A change asked of the keyspace: what a log record holds.</summary>
/// <remarks>There is no clock in a command: the end of a lease is <see cref="RevokeLease"/>, decided elsewhere.</remarks>
public abstract record Command
{
    private Command()
    {
    }

    /// <summary>Names the request, so that it is applied once however often it is sent; null: applied each time.</summary>
    public RequestId? Request { get; init; }

    /// <summary>The client on whose behalf it is done; null: the server itself, which may do everything and heeds no alarm.</summary>
    public Author? Author { get; init; }

    /// <summary>Guards and operations at one revision. A put, a delete or a range alone is one without guards.</summary>
    /// <param name="Transaction">What to do.</param>
    public sealed record Transact(Transaction Transaction) : Command;

    /// <summary>A lease, to which keys can be attached.</summary>
    /// <param name="Lease">Its id, chosen by whoever proposes; not 0.</param>
    /// <param name="Seconds">Its term in seconds; raised to the shortest allowed.</param>
    public sealed record GrantLease(LeaseId Lease, long Seconds) : Command;

    /// <summary>Ends a lease and deletes its keys at one revision.</summary>
    /// <param name="Lease">Which.</param>
    public sealed record RevokeLease(LeaseId Lease) : Command;

    /// <summary>Forgets what was superseded before a revision, which stays readable itself.</summary>
    /// <param name="At">Above the last compacted one, and not above the newest.</param>
    public sealed record Compact(Revision At) : Command;

    /// <summary>Changes users, roles or permissions; the store's revision stays.</summary>
    /// <param name="Change">What.</param>
    public sealed record ChangeAuth(AuthChange Change) : Command;

    /// <summary>Raises an alarm or takes it back.</summary>
    /// <param name="Alarm">Which.</param>
    /// <param name="Raised">Whether it stands afterwards.</param>
    public sealed record SetAlarm(Alarm Alarm, bool Raised) : Command;
}
