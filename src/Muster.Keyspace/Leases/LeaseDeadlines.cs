using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>When leases end: a table that the leader keeps in memory and never stores.</summary>
/// <remarks>
/// Pure; time comes in. The table only proposes: a lease ends when <see cref="Command.RevokeLease"/> is applied. Once its
/// deadline has passed, a lease cannot be kept alive any more, whether or not that command is applied yet. A leader that takes
/// office grants every lease its full term again, so a term is a lower bound.
/// </remarks>
public sealed class LeaseDeadlines(LeaseDeadlineLimits limits)
{
    private readonly Dictionary<LeaseId, Entry> _leases = [];                // looked up by id only
    private readonly SortedSet<(Instant At, LeaseId Lease)> _order = [];     // equal deadlines: the lower id first

    /// <summary>Leases in the table.</summary>
    public int Count => _leases.Count;

    /// <summary>Every lease, the one that ends first coming first.</summary>
    public ImmutableArray<LeaseId> InOrder() => [.. _order.Select(entry => entry.Lease)];

    /// <summary>When <see cref="Expired"/> has something to say next; null when there is no lease.</summary>
    public Instant? Next => _order.Count == 0 ? null : _order.Min.At;

    /// <summary>Starts anew with every lease of the state at its full term: on taking office or after a restart.</summary>
    public void Recovered(ImmutableArray<LeaseTerm> leases, Instant now)
    {
        _leases.Clear();
        _order.Clear();
        foreach (var lease in leases)
            Granted(lease.Lease, lease.Seconds, now);
    }

    /// <summary>A grant was applied.</summary>
    public void Granted(LeaseId lease, long seconds, Instant now)
    {
        Revoked(lease);
        var term = TimeSpan.FromSeconds(seconds);
        Set(lease, new(seconds, now + term, now + term));
    }

    /// <summary>Its holder asked to keep a lease.</summary>
    public KeepAliveOutcome KeepAlive(LeaseId lease, Instant now)
    {
        if (!_leases.TryGetValue(lease, out var entry))
            return new KeepAliveOutcome.Unknown();
        if (now >= entry.Deadline)
            return new KeepAliveOutcome.Ending();
        _order.Remove((entry.Due, lease));
        var deadline = now + TimeSpan.FromSeconds(entry.Seconds);
        Set(lease, new(entry.Seconds, deadline, deadline));
        return new KeepAliveOutcome.Kept(entry.Seconds);
    }

    /// <summary>A revocation was applied, whoever asked for it.</summary>
    public void Revoked(LeaseId lease)
    {
        if (_leases.Remove(lease, out var entry))
            _order.Remove((entry.Due, lease));
    }

    /// <summary>
    /// Leases to revoke now: earliest deadline first, then lowest id, at most <see cref="LeaseDeadlineLimits.ExpiredMax"/>. One
    /// that is still here after <see cref="LeaseDeadlineLimits.RepeatAfter"/> is named again: the proposal may have been lost.
    /// </summary>
    public ImmutableArray<LeaseId> Expired(Instant now)
    {
        var expired = ImmutableArray.CreateBuilder<LeaseId>();
        while (expired.Count < limits.ExpiredMax && _order.Count > 0 && _order.Min is var (due, lease) && due <= now)
        {
            expired.Add(lease);
            _order.Remove((due, lease));
            Set(lease, _leases[lease] with { Due = now + limits.RepeatAfter });
        }

        return expired.DrainToImmutable();
    }

    /// <summary>Whole seconds that remain; -1 when the lease is unknown or its deadline has passed.</summary>
    public long RemainingSeconds(LeaseId lease, Instant now) =>
        _leases.TryGetValue(lease, out var entry) && now < entry.Deadline
            ? (long)Math.Floor((entry.Deadline - now).TotalSeconds)
            : -1;

    private void Set(LeaseId lease, Entry entry)
    {
        _leases[lease] = entry;
        _order.Add((entry.Due, lease));
    }

    /// <param name="Seconds">The term.</param>
    /// <param name="Deadline">When the lease ends.</param>
    /// <param name="Due">When it is named next: its deadline, later the next repetition.</param>
    private sealed record Entry(long Seconds, Instant Deadline, Instant Due);
}

/// <summary>Bounds of the table of deadlines.</summary>
public sealed record LeaseDeadlineLimits
{
    /// <summary>The defaults.</summary>
    public static LeaseDeadlineLimits Default { get; } = new();

    /// <summary>Leases named at one look; default 500. The rest is named at the next: ends later, never earlier.</summary>
    public int ExpiredMax { get; init; } = 500;

    /// <summary>How long a named lease may stay before it is named again; default 3 s.</summary>
    public TimeSpan RepeatAfter { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>What asking to keep a lease came to.</summary>
public abstract record KeepAliveOutcome
{
    private KeepAliveOutcome()
    {
    }

    /// <summary>Its term begins again.</summary>
    /// <param name="Seconds">The term.</param>
    public sealed record Kept(long Seconds) : KeepAliveOutcome;

    /// <summary>Its deadline has passed and its revocation is on the way: wait for that, then answer as for an unknown one.</summary>
    public sealed record Ending : KeepAliveOutcome;

    /// <summary>There is no such lease.</summary>
    public sealed record Unknown : KeepAliveOutcome;
}
