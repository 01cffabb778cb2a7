using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace.Leases;

/// <summary>Leases and the keys attached to each; it knows terms, not deadlines.</summary>
internal sealed class LeaseTable
{
    // Looked up by id and by key only; whatever leaves this class is sorted.
    private readonly Dictionary<LeaseId, Entry> _leases = [];

    public int Count => _leases.Count;

    public bool Contains(LeaseId lease) => _leases.ContainsKey(lease);

    public void Grant(LeaseId lease, long seconds) => _leases.Add(lease, new(seconds));

    public void Remove(LeaseId lease) => _leases.Remove(lease);

    /// <summary>A key leaves one lease and joins another; either may be none.</summary>
    public void Move(ByteString key, LeaseId from, LeaseId to)
    {
        if (from == to)
            return;
        if (from != LeaseId.None)
            _leases[from].Keys.Remove(key);
        if (to != LeaseId.None)
            _leases[to].Keys.Add(key);
    }

    public LeaseInfo? Find(LeaseId lease) =>
        _leases.TryGetValue(lease, out var entry) ? new(lease, entry.Seconds, [.. entry.Keys.Order()]) : null;

    /// <summary>The term in seconds of every lease, by id.</summary>
    public ImmutableArray<LeaseTerm> All() =>
        [.. _leases.Select(lease => new LeaseTerm(lease.Key, lease.Value.Seconds)).OrderBy(lease => lease.Lease)];

    private sealed record Entry(long Seconds)
    {
        public HashSet<ByteString> Keys { get; } = [];
    }
}
