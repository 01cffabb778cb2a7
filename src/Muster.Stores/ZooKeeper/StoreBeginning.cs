using Muster.Codecs.ZooKeeper;
using Muster.Codecs.ZooKeeper.Store;
using Muster.Primitives;

namespace Muster.Stores.ZooKeeper;

/// <summary>Makes a store's first nodes, all at once, where there are none; whoever comes second finds the first one's.</summary>
internal sealed class StoreBeginning(ZooKeeperSession session, StoreNodes nodes, CommitFollower follower, ZnodeAcl acl)
{
    /// <returns>The store's name.</returns>
    public async Task<ClusterId> EnsureAsync(SeededRandom chance)
    {
        while (true)
        {
            await session.CallAsync(ZooKeeperOperation.Sync, ZooKeeperRequests.Sync("/"));
            if (await follower.ReadAsync(nodes.Cluster) is { } named)
                return StoreCommitCodec.DecodeCluster(named.Data);
            foreach (var path in nodes.Above)
                await CreateAsync(path);
            var cluster = new ClusterId(chance.NextUInt64() | 1);
            var reply = await session.CallAsync(ZooKeeperOperation.Multi, ZooKeeperMulti.Encode(First(cluster, chance)));
            if (reply.Body.IsEmpty)
                throw new ZooKeeperRefusedException($"beginning a store below {nodes.Root}", reply.Error);
            if (ZooKeeperMulti.Decode(reply.Body.Span) is MultiOutcome.Refused(_, var error) && error != ZooKeeperError.NodeExists)
                throw new ZooKeeperRefusedException($"beginning a store below {nodes.Root}", error);
        }
    }

    private IEnumerable<ZnodeWrite> First(ClusterId cluster, SeededRandom chance)
    {
        yield return new ZnodeWrite.Create(nodes.Cluster, StoreCommitCodec.EncodeCluster(cluster), acl);
        foreach (var parent in (string[])[nodes.Commits, nodes.Leases, nodes.Requests, nodes.Keys, .. nodes.KeyShards])
            yield return new ZnodeWrite.Create(parent, ReadOnlyMemory<byte>.Empty, acl);
        var first = new StoreCommit(1, chance.NextUInt64(), new Revision(1));
        yield return new ZnodeWrite.Create(nodes.Commit(1), StoreCommitCodec.Encode(first), acl);
    }

    private async Task CreateAsync(string path)
    {
        var reply = await session.CallAsync(ZooKeeperOperation.Create, ZooKeeperRequests.Create(path, ReadOnlyMemory<byte>.Empty, acl));
        if (reply.Error is not (ZooKeeperError.None or ZooKeeperError.NodeExists))
            throw new ZooKeeperRefusedException($"creating {path}", reply.Error);
    }
}
