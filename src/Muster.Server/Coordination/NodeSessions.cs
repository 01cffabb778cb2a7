using System.Text;
using Muster.Jobs.Nodes;
using Muster.Jobs.Records;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;

namespace Muster.Server.Coordination;

/// <summary>The hosts that are connected: each keeps a leased key alive by reporting, and is spoken to over its newest link.</summary>
internal sealed class NodeSessions(IStore store, MonotonicClock clock, TimeSpan term)
{
    private readonly SortedDictionary<NodeId, Session> _sessions = [];

    /// <summary>Takes over the leases of hosts that an earlier coordinator knew; their terms have begun anew.</summary>
    public async Task RecoverAsync(CancellationToken stopping)
    {
        var found = await store.RangeAsync(new Operation.Range(KeyRange.Prefix(JobKeys.Nodes)), stopping);
        foreach (var key in found.Keys)
        {
            var node = new NodeId(key.Key.ToString()[JobKeys.Nodes.Length..]);
            _sessions[node] = new Session { Lease = key.Lease, Renewed = clock.Now };
        }
    }

    /// <summary>A host reported over a link: it lives.</summary>
    public async Task HeardAsync(NodeSnapshot snapshot, ILink link, CancellationToken stopping)
    {
        if (!_sessions.TryGetValue(snapshot.Node, out var session))
            _sessions[snapshot.Node] = session = new Session();
        session.Link = link;
        if (session.Busy)
            return;
        session.Busy = true;
        try
        {
            await KeepAsync(snapshot, session, stopping);
        }
        catch (StoreUnavailableException)
        {
            // The host is as alive as before; its next report tries again.
        }
        finally
        {
            session.Busy = false;
        }
    }

    /// <summary>Sends to a host, if it is connected; a lost wish is sent again.</summary>
    public void Send(NodeId node, ReadOnlyMemory<byte> frame)
    {
        if (_sessions.GetValueOrDefault(node)?.Link is { } link)
            link.TrySend(frame);
    }

    /// <summary>A link is gone. Its host's lease says when the host is.</summary>
    public void Closed(ILink link)
    {
        foreach (var session in _sessions.Values)
        {
            if (session.Link == link)
                session.Link = null;
        }
    }

    private async Task KeepAsync(NodeSnapshot snapshot, Session session, CancellationToken stopping)
    {
        if (session.Lease != LeaseId.None && clock.Now - session.Renewed < term / 3)
            return;
        var sent = clock.Now;
        if (session.Lease == LeaseId.None || !await store.KeepAliveAsync(session.Lease, stopping))
        {
            // The old lease is gone, and with it every doubt whether the host was lost: it comes back as a new one.
            session.Lease = (await store.GrantLeaseAsync(term, stopping)).Id;
            var value = ByteString.Copy(Encoding.UTF8.GetBytes(snapshot.Address));
            await store.TransactAsync(
                Transaction.Always(new Operation.Put(JobKeys.Node(snapshot.Node), value, session.Lease)), null, stopping);
        }

        session.Renewed = sent;
    }

    private sealed class Session
    {
        public ILink? Link { get; set; }

        public LeaseId Lease { get; set; }

        public Instant Renewed { get; set; }

        public bool Busy { get; set; }
    }
}
