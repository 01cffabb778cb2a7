using System.Collections.Immutable;
using Muster.Codecs.ZooKeeper;
using Muster.Codecs.ZooKeeper.Store;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Stores.ZooKeeper;

/// <summary>Keeps the mirror up with what others commit: reads the commits it has not seen, or everything when it is too far behind.</summary>
/// <remarks>
/// Commits never change once made, so reading them one after the other gives exactly the states that were. Only a value too large
/// for its commit is read from its key's node, which may be newer already; then a later commit, read in the same call, says so too.
/// </remarks>
internal sealed class CommitFollower(ZooKeeperSession session, StoreNodes nodes, Mirror mirror)
{
    private const int ReadsAtOnce = 256;

    private long _watched;

    /// <summary>Told which keys somebody else changed; null: perhaps any.</summary>
    public Action<ImmutableArray<ByteString>?> Changed { get; set; } = _ => { };

    public bool IsLoaded { get; private set; }

    /// <summary>Watches do not outlive a connection.</summary>
    public void ConnectionBegan() => _watched = 0;

    /// <summary>Makes the next refresh read everything again.</summary>
    public void Forget() => IsLoaded = false;

    /// <summary>Brings the mirror up to every commit made before this call.</summary>
    /// <returns>Whether there were any.</returns>
    public async Task<bool> RefreshAsync()
    {
        var sync = session.CallAsync(ZooKeeperOperation.Sync, ZooKeeperRequests.Sync(nodes.Root));   // answered in order: the reads see it
        if (!IsLoaded)
        {
            await sync;
            await LoadAsync();
            return true;
        }

        var any = false;
        while (await NextAsync())
            any = true;
        await sync;
        return any;
    }

    /// <summary>Asks to be told of the next commit.</summary>
    /// <returns>False when it has been made already.</returns>
    public async Task<bool> WatchNextAsync()
    {
        if (_watched == mirror.Ordinal + 1)
            return true;
        var next = mirror.Ordinal + 1;
        var found = await session.CallAsync(ZooKeeperOperation.Exists, ZooKeeperRequests.Read(nodes.Commit(next), watch: true));
        if (found.Error == ZooKeeperError.NoNode)
            _watched = next;
        return found.Error == ZooKeeperError.NoNode;
    }

    /// <summary>Reads a node; null when there is none.</summary>
    /// <exception cref="ZooKeeperRefusedException">The servers refuse.</exception>
    public async Task<(byte[] Data, ZnodeStat Stat)?> ReadAsync(string path)
    {
        var reply = await session.CallAsync(ZooKeeperOperation.GetData, ZooKeeperRequests.Read(path, watch: false));
        return reply.Error switch
        {
            ZooKeeperError.None => ZooKeeperReplies.Data(reply.Body.Span),
            ZooKeeperError.NoNode => null,
            var refused => throw new ZooKeeperRefusedException($"reading {path}", refused),
        };
    }

    /// <summary>Names of a node's children; none when there is no such node.</summary>
    public async Task<ImmutableArray<string>> ChildrenAsync(string path)
    {
        var reply = await session.CallAsync(ZooKeeperOperation.GetChildren, ZooKeeperRequests.Read(path, watch: false));
        return reply.Error switch
        {
            ZooKeeperError.None => ZooKeeperReplies.Children(reply.Body.Span),
            ZooKeeperError.NoNode => [],
            var refused => throw new ZooKeeperRefusedException($"listing {path}", refused),
        };
    }

    private async Task<bool> NextAsync()
    {
        var next = ReadAsync(nodes.Commit(mirror.Ordinal + 1));
        var last = session.CallAsync(ZooKeeperOperation.Exists, ZooKeeperRequests.Read(nodes.Commit(mirror.Ordinal), watch: false));
        var found = await next;
        var hasLast = (await last).Error == ZooKeeperError.None;
        if (found is { } node)
        {
            await FollowAsync(StoreCommitCodec.Decode(node.Data));
            return true;
        }

        if (hasLast)
            return false;
        await LoadAsync();   // even the last commit we know is gone: we are further behind than commits are kept
        return true;
    }

    private async Task FollowAsync(ReadCommit read)
    {
        var keys = new List<KeyValue>(read.Keys.Length);
        foreach (var (key, apart) in read.Keys)
        {
            if (!apart)
                keys.Add(key);
            else if (await ReadAsync(nodes.Key(key.Key)) is { } node)
                keys.Add(StoreCommitCodec.DecodeKey(node.Data));
        }

        mirror.Follow(read.Commit, keys);
        Changed([.. read.Keys.Select(key => key.Key.Key)]);
    }

    /// <summary>Reads every node, then the commits made meanwhile; what was read too new is set again by the commit that made it.</summary>
    private async Task LoadAsync()
    {
        IsLoaded = false;
        while (true)
        {
            var commits = await ChildrenAsync(nodes.Commits);
            var ordinal = commits.Select(StoreNodes.OrdinalOf).DefaultIfEmpty(0).Max();
            if (ordinal == 0)
                throw new StoreUnavailableException($"{nodes.Commits} holds no commit: this is no store, or somebody deletes it");
            if (await ReadAsync(nodes.Commit(ordinal)) is not { } newest)
                continue;
            var revision = StoreCommitCodec.Decode(newest.Data).Commit.Revision;
            var keys = new List<KeyValue>();
            foreach (var shard in nodes.KeyShards)
                await ReadBelowAsync(shard, data => keys.Add(StoreCommitCodec.DecodeKey(data)));
            var leases = new List<LeaseTerm>();
            await ReadBelowAsync(nodes.Leases, data => leases.Add(StoreCommitCodec.DecodeLease(data)));
            var requests = new List<(long, RememberedRequest)>();
            await ReadBelowAsync(nodes.Requests, data => requests.Add(StoreCommitCodec.DecodeRequest(data)));
            mirror.Load(ordinal, revision, keys, leases, requests);
            IsLoaded = true;
            while (IsLoaded && await NextAsync())
            {
            }

            Changed(null);
            return;
        }
    }

    private async Task ReadBelowAsync(string parent, Action<byte[]> found)
    {
        foreach (var some in (await ChildrenAsync(parent)).Order(StringComparer.Ordinal).Chunk(ReadsAtOnce))
        {
            var reads = some.Select(name => ReadAsync($"{parent}/{name}")).ToList();
            foreach (var read in reads)
            {
                if (await read is { } node)
                    found(node.Data);
            }
        }
    }
}
