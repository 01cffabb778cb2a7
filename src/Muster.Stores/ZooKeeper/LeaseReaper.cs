using Muster.Codecs.ZooKeeper;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Stores.ZooKeeper;

/// <summary>Ends leases that nobody has kept alive for their term.</summary>
/// <remarks>
/// Every process does this with its own clock; no one need be chosen. A lease is kept alive by writing its node, which raises the
/// node's version; it ends in a commit that requires the version seen a whole term before. So it ends after its term, never before,
/// whatever any process's clock or connection does.
/// </remarks>
internal sealed class LeaseReaper(ZooKeeperSession session, StoreNodes nodes, Mirror mirror, CommitFollower follower, MonotonicClock clock)
{
    private readonly SortedDictionary<LeaseId, Seen> _seen = [];
    private bool _isTold;

    /// <summary>Asks to be told of writes to leases; where the server cannot, they are looked at four times in a term.</summary>
    public async Task ConnectionBeganAsync()
    {
        _isTold = false;
        foreach (var seen in _seen.Values)
            seen.Look = true;
        var watch = await session.CallAsync(ZooKeeperOperation.AddWatch, ZooKeeperRequests.AddWatchBelow(nodes.Leases));
        _isTold = watch.Error == ZooKeeperError.None;
    }

    public void Noticed(ZnodeNotice notice)
    {
        if (notice.Event == ZooKeeperEvent.DataChanged && _seen.TryGetValue(StoreNodes.LeaseOf(notice.Path), out var seen))
            seen.Look = true;
    }

    /// <summary>A lease was granted, just now or a little before; its node had version 0 then.</summary>
    public void Granted(LeaseTerm lease) =>
        _seen[lease.Lease] = new Seen { Term = TimeSpan.FromSeconds(lease.Seconds), Version = 0, At = clock.Now, Looked = clock.Now };

    /// <summary>Looks, and names the leases whose term is over with the version that they had all through it.</summary>
    public async Task<List<(LeaseId Lease, int Version)>> OverAsync()
    {
        foreach (var gone in _seen.Keys.Where(lease => !mirror.Leases.ContainsKey(lease)).ToList())
            _seen.Remove(gone);
        foreach (var lease in mirror.Leases.Where(lease => !_seen.ContainsKey(lease.Key)).ToList())
            _seen[lease.Key] = new Seen { Term = TimeSpan.FromSeconds(lease.Value), Look = true };
        var looks = _seen.Where(pair => MustLook(pair.Value)).Select(pair => LookAsync(pair.Key, pair.Value)).ToList();
        foreach (var look in looks)
            await look;
        var now = clock.Now;
        return [.. _seen.Where(pair => pair.Value is { Version: >= 0 } seen && now - seen.At >= seen.Term).Select(pair => (pair.Key, pair.Value.Version))];
    }

    /// <summary>A lease was not to be ended after all: somebody has kept it alive.</summary>
    public void Kept(LeaseId lease)
    {
        if (_seen.TryGetValue(lease, out var seen))
            seen.Look = true;
    }

    private bool MustLook(Seen seen) => seen.Look || !_isTold && clock.Now - seen.Looked >= seen.Term / 4;

    private async Task LookAsync(LeaseId lease, Seen seen)
    {
        seen.Look = false;
        if (await follower.ReadAsync(nodes.Lease(lease)) is not { } node)
            return;
        // Its time is counted from now, when the answer is here, which is not before the write that it shows.
        seen.Looked = clock.Now;
        if (seen.Version == node.Stat.Version)
            return;
        (seen.Version, seen.At) = (node.Stat.Version, clock.Now);
    }

    private sealed class Seen
    {
        public TimeSpan Term { get; init; }

        public int Version { get; set; } = -1;

        public Instant At { get; set; }

        public Instant Looked { get; set; }

        public bool Look { get; set; }
    }
}
