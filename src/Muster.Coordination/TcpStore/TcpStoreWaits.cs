using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Coordination.TcpStore;

/// <summary>Which connection waits for which keys. A connection has at most one wait; waking and cancelling cost what they touch.</summary>
internal sealed class TcpStoreWaits
{
    private readonly Dictionary<ByteString, LinkedList<Wait>> _byKey = [];
    private readonly Dictionary<long, Wait> _byConnection = [];

    public void Add(long connection, ImmutableArray<ByteString> keys)
    {
        var wait = new Wait(connection, keys.Length);
        foreach (var key in keys)
        {
            if (!_byKey.TryGetValue(key, out var waits))
                _byKey[key] = waits = new LinkedList<Wait>();
            wait.Places.Add((key, waits.AddLast(wait)));
        }

        _byConnection[connection] = wait;
    }

    public void Cancel(long connection)
    {
        if (!_byConnection.Remove(connection, out var wait))
            return;
        foreach (var (key, place) in wait.Places)
            Leave(key, place);
    }

    /// <summary>A key was set. The connections that now miss nothing, in the order in which they began to wait for it.</summary>
    public IReadOnlyList<long> Happened(ByteString key)
    {
        if (!_byKey.Remove(key, out var waits))
            return [];
        var woken = new List<long>();
        foreach (var wait in waits)
        {
            if (--wait.Missing == 0 && _byConnection.Remove(wait.Connection))
                woken.Add(wait.Connection);
        }

        waits.Clear();   // the places that a wait for other keys still knows are no longer anywhere
        return woken;
    }

    /// <summary>One value came into a queue: the first that waits for nothing else has it.</summary>
    public long? HappenedForOne(ByteString key)
    {
        if (!_byKey.TryGetValue(key, out var waits) || waits.First is not { } first)
            return null;
        var wait = first.Value;
        Leave(key, first);
        if (--wait.Missing > 0)
            return null;
        _byConnection.Remove(wait.Connection);
        return wait.Connection;
    }

    private void Leave(ByteString key, LinkedListNode<Wait> place)
    {
        if (place.List is not { } waits)
            return;
        waits.Remove(place);
        if (waits.Count == 0)
            _byKey.Remove(key);
    }

    private sealed class Wait(long connection, int missing)
    {
        public long Connection { get; } = connection;

        public int Missing { get; set; } = missing;

        public List<(ByteString Key, LinkedListNode<Wait> Place)> Places { get; } = [];
    }
}
