using System.Collections.Immutable;
using Muster.Codecs.ZooKeeper.Store;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Stores.ZooKeeper;

/// <summary>This process's copy of the store: what the commits up to one of them add up to.</summary>
/// <remarks>
/// Commands are tried on a keyspace made from the copy; what they come to is proposed as the next commit. Is it taken, the copy
/// follows; was somebody faster, the keyspace is thrown away and made again.
/// </remarks>
internal sealed class Mirror(KeyspaceLimits limits)
{
    private readonly SortedDictionary<ByteString, KeyValue> _keys = [];
    private readonly SortedDictionary<LeaseId, long> _leases = [];
    private readonly SortedDictionary<ulong, (long Order, RememberedRequest Request)> _requests = [];
    private KeyspaceMachine? _machine;
    private Revision _triedAt;

    /// <summary>Told of each lease that a commit grants.</summary>
    public Action<LeaseTerm> Granted { get; set; } = _ => { };

    /// <summary>The last commit in it.</summary>
    public long Ordinal { get; private set; }

    public Revision Revision { get; private set; }

    public IReadOnlyDictionary<LeaseId, long> Leases => _leases;

    /// <summary>The keyspace to try commands on.</summary>
    public KeyspaceMachine Machine => _machine ??= Restore();

    public bool Has(ByteString key) => _keys.ContainsKey(key);

    public bool HasRequest(ulong client) => _requests.ContainsKey(client);

    /// <summary>Order of a client's last request among all requests ever applied.</summary>
    public long OrderOf(ulong client) => _requests[client].Order;

    /// <summary>Forgets what commands have done to the keyspace.</summary>
    public void Discard() => _machine = null;

    /// <summary>Starts from what was read of all nodes; commits up to this one are in it, and perhaps parts of later ones.</summary>
    public void Load(
        long ordinal, Revision revision, IEnumerable<KeyValue> keys, IEnumerable<LeaseTerm> leases, IEnumerable<(long Order, RememberedRequest Request)> requests)
    {
        _keys.Clear();
        _leases.Clear();
        _requests.Clear();
        foreach (var key in keys)
            _keys[key.Key] = key;
        foreach (var lease in leases)
            _leases[lease.Lease] = lease.Seconds;
        foreach (var request in requests)
            _requests[request.Request.Request.Client] = request;
        (Ordinal, Revision, _machine) = (ordinal, revision, null);
    }

    /// <summary>Applies somebody's commit.</summary>
    /// <param name="commit">The next one.</param>
    /// <param name="keys">Its keys, with their values.</param>
    public void Follow(StoreCommit commit, IEnumerable<KeyValue> keys)
    {
        Apply(commit, keys);
        _machine = null;
    }

    /// <summary>The commit that the keyspace's changes came from was taken.</summary>
    public void Accept(StoreCommit commit)
    {
        Apply(commit, commit.Keys);
        if (_machine is { } machine && machine.Compacted < machine.Revision)
            machine.Apply(new Command.Compact(machine.Revision));   // history is of no use here
        _triedAt = Revision;
    }

    /// <summary>Begins to try commands: what changes from now on is the next commit.</summary>
    public void Begin() => _triedAt = Machine.Revision;

    /// <summary>What the commands tried have changed.</summary>
    public ImmutableArray<KeyValue> ChangedKeys()
    {
        var changed = new SortedDictionary<ByteString, KeyValue>();
        for (var from = _triedAt.Next(); from <= Machine.Revision;)
        {
            if (Machine.ReadEvents(new WatchFilter(KeyRange.All), from) is not EventsOutcome.Batch(var events, var next))
                throw new InvariantBrokenException("what was just written has not been compacted");
            foreach (var change in events)
                changed[change.Key.Key] = change.Key;
            from = next;
        }

        // A key that came and went within one commit never existed for anybody else.
        return [.. changed.Values.Where(key => key.Version.Number > 0 || _keys.ContainsKey(key.Key))];
    }

    /// <summary>Clients that are forgotten when these are remembered, the one applied longest ago first.</summary>
    public ImmutableArray<ulong> Forgotten(IReadOnlyCollection<RememberedRequest> added)
    {
        var clients = added.Select(request => request.Request.Client).ToHashSet();
        var over = _requests.Count + clients.Count(client => !_requests.ContainsKey(client)) - limits.ClientsMax;
        return over <= 0
            ? []
            : [.. _requests.Where(pair => !clients.Contains(pair.Key)).OrderBy(pair => pair.Value.Order).Take(over).Select(pair => pair.Key)];
    }

    private void Apply(StoreCommit commit, IEnumerable<KeyValue> keys)
    {
        Invariant.Require(commit.Ordinal == Ordinal + 1);
        foreach (var key in keys)
        {
            if (key.Version.Number == 0)
                _keys.Remove(key.Key);
            else
                _keys[key.Key] = key;
        }

        foreach (var lease in commit.Granted)
        {
            _leases[lease.Lease] = lease.Seconds;
            Granted(lease);
        }

        foreach (var lease in commit.Ended)
            _leases.Remove(lease);
        foreach (var client in commit.Forgotten)
            _requests.Remove(client);
        for (var i = 0; i < commit.Requests.Length; i++)
            _requests[commit.Requests[i].Request.Client] = (RequestOrder(commit.Ordinal, i), commit.Requests[i]);
        (Ordinal, Revision) = (commit.Ordinal, commit.Revision);
    }

    /// <summary>Place of a commit's request among all.</summary>
    public static long RequestOrder(long ordinal, int index) => ordinal * 1_000 + index;

    private KeyspaceMachine Restore()
    {
        var image = new KeyspaceImage(
            Revision,
            Revision,
            [.. _keys.Values.Where(key => key.Modified < Revision)],
            [.. _keys.Values.Where(key => key.Modified == Revision)],
            [.. _leases.Select(lease => new LeaseTerm(lease.Key, lease.Value))],
            [.. _requests.Values.OrderBy(request => request.Order).Select(request => request.Request)]);
        _triedAt = Revision;
        return KeyspaceMachine.Restore(image, limits);
    }
}
