using System.Collections.Immutable;
using Muster.Codecs.ZooKeeper;
using Muster.Codecs.ZooKeeper.Store;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Stores.ZooKeeper;

/// <summary>Turns calls into commits: tries them on the mirror, writes what they come to as one atomic group, or begins again.</summary>
/// <remarks>
/// A group creates the next commit's node and requires the last one's. So it is done at most once however often it is sent, only
/// directly after the state on which its calls were tried, and never by a group that was long under way: when the next node has
/// been dropped again, so has the last.
/// </remarks>
internal sealed class Committer(
    ZooKeeperSession session, StoreNodes nodes, Mirror mirror, CommitFollower follower, ZooKeeperStoreOptions options, ZnodeAcl acl, SeededRandom chance)
{
    private enum Fate
    {
        Done,
        Overtaken,
        Unknown,
        LeaseKept,
        Diverged,
    }

    /// <summary>Told of keys that a commit of ours changed.</summary>
    public Action<ImmutableArray<ByteString>> Changed { get; set; } = _ => { };

    /// <summary>The commit that is being made, or 0.</summary>
    public long UnderWay { get; private set; }

    /// <summary>Answers every call of a batch, unless the connection ends meanwhile.</summary>
    /// <exception cref="ConnectionLostException">Nothing of what is not answered yet was done: it must be given again.</exception>
    public async Task CarryOutAsync(List<StoreCall> calls, CancellationToken stopping)
    {
        for (var diverged = 0; calls.Count > 0; calls.RemoveAll(call => call.IsOver))
        {
            if (!follower.IsLoaded)
                await follower.RefreshAsync();
            var results = Try(calls, out var commit);
            if (commit is null)
            {
                if (!await follower.RefreshAsync())
                    Answer(calls, results);   // what they were tried on is the newest
                continue;
            }

            var group = Group(commit, calls);
            var body = ZooKeeperMulti.Encode(group);
            if (body.Length > options.PacketBytesMax)
            {
                mirror.Discard();
                await DivideAsync(calls, stopping);
                continue;
            }

            UnderWay = commit.Ordinal;
            var fate = await SendAsync(commit, group, body, calls, stopping);
            UnderWay = 0;
            if (fate == Fate.Done)
            {
                mirror.Accept(commit);
                Answer(calls, results);
                Changed([.. commit.Keys.Select(key => key.Key)]);
                continue;
            }

            mirror.Discard();
            if (fate is Fate.Unknown or Fate.Diverged)
                follower.Forget();
            if (fate == Fate.Unknown)
                GiveUp(calls);
            if (fate == Fate.Overtaken)
                await follower.RefreshAsync();
            if (fate == Fate.Diverged && ++diverged > 3)
                throw new StoreUnavailableException($"the nodes below {nodes.Root} do not agree with its commits: did somebody else write there?");
        }
    }

    /// <summary>Together they are too large for a packet: each by itself, and what is too large by itself is refused.</summary>
    private async Task DivideAsync(List<StoreCall> calls, CancellationToken stopping)
    {
        if (calls.Count == 1)
        {
            calls[0].Fail(new StoreRefusedException(StoreRefusal.RequestTooLarge));
            return;
        }

        foreach (var call in calls.ToList())
            await CarryOutAsync([call], stopping);
    }

    private List<object> Try(List<StoreCall> calls, out StoreCommit? commit)
    {
        var results = new List<object>(calls.Count);
        var (granted, ended, requests) = (new List<LeaseTerm>(), new List<LeaseId>(), new List<RememberedRequest>());
        mirror.Begin();
        foreach (var call in calls)
        {
            if (call.Range is { } range)
            {
                results.Add(mirror.Machine.Read(range));
                continue;
            }

            var result = Apply(call.Command!, requests);
            results.Add(result);
            if (result is CommandResult.Granted(var lease, var seconds, _) && call.Command is Command.GrantLease)
                granted.Add(new(lease, seconds));
            if (result is CommandResult.Revoked && call.Command is Command.RevokeLease(var over))
                ended.Add(over);
        }

        var keys = mirror.ChangedKeys();
        var nothing = keys.IsEmpty && granted.Count == 0 && ended.Count == 0 && requests.Count == 0 && mirror.Machine.Revision == mirror.Revision;
        commit = nothing
            ? null
            : new StoreCommit(mirror.Ordinal + 1, chance.NextUInt64(), mirror.Machine.Revision)
            {
                Keys = keys,
                Granted = [.. granted.Where(lease => !ended.Contains(lease.Lease))],
                Ended = [.. ended.Where(mirror.Leases.ContainsKey)],
                Requests = [.. requests],
                Forgotten = mirror.Forgotten(requests),
            };
        return results;
    }

    private CommandResult Apply(Command command, List<RememberedRequest> requests)
    {
        if (command.Request is not { } request)
            return mirror.Machine.Apply(command);
        var before = mirror.Machine.LastRequest(request.Client);
        var result = mirror.Machine.Apply(command);
        if (mirror.Machine.LastRequest(request.Client) is { } after && after != before)
        {
            requests.RemoveAll(earlier => earlier.Request.Client == request.Client);
            requests.Add(after);
        }

        return result;
    }

    private List<ZnodeWrite> Group(StoreCommit commit, List<StoreCall> calls)
    {
        var group = new List<ZnodeWrite>
        {
            new ZnodeWrite.Create(nodes.Commit(commit.Ordinal), StoreCommitCodec.Encode(commit), acl),
            new ZnodeWrite.Check(nodes.Commit(commit.Ordinal - 1), -1),
        };
        if (commit.Ordinal > options.CommitsKept)
            group.Add(new ZnodeWrite.Delete(nodes.Commit(commit.Ordinal - options.CommitsKept), -1));
        foreach (var lease in commit.Ended)
            group.Add(new ZnodeWrite.Delete(nodes.Lease(lease), VersionFor(lease, calls)));
        foreach (var lease in commit.Granted)
            group.Add(new ZnodeWrite.Create(nodes.Lease(lease.Lease), StoreCommitCodec.EncodeLease(lease), acl));
        foreach (var key in commit.Keys)
        {
            var node = nodes.Key(key.Key);
            group.Add(key.Version.Number == 0 ? new ZnodeWrite.Delete(node, -1)
                : mirror.Has(key.Key) ? new ZnodeWrite.SetData(node, StoreCommitCodec.EncodeKey(key), -1)
                : new ZnodeWrite.Create(node, StoreCommitCodec.EncodeKey(key), acl));
        }

        foreach (var client in commit.Forgotten)
            group.Add(new ZnodeWrite.Delete(nodes.Request(client), -1));
        for (var i = 0; i < commit.Requests.Length; i++)
        {
            var (node, request) = (nodes.Request(commit.Requests[i].Request.Client), commit.Requests[i]);
            var data = StoreCommitCodec.EncodeRequest(Mirror.RequestOrder(commit.Ordinal, i), request);
            group.Add(mirror.HasRequest(request.Request.Client) ? new ZnodeWrite.SetData(node, data, -1) : new ZnodeWrite.Create(node, data, acl));
        }

        return group;
    }

    private static int VersionFor(LeaseId lease, List<StoreCall> calls) =>
        calls.First(call => call.Command is Command.RevokeLease(var ended) && ended == lease).LeaseVersion;

    /// <summary>Sends a group until its fate is known, over any number of connections.</summary>
    private async Task<Fate> SendAsync(StoreCommit commit, List<ZnodeWrite> group, byte[] body, List<StoreCall> calls, CancellationToken stopping)
    {
        foreach (var call in calls)
            call.WasSent = true;
        for (var again = false; ; again = true)
        {
            try
            {
                var reply = await session.CallAsync(ZooKeeperOperation.Multi, body);
                if (reply.Body.IsEmpty)
                    throw new ZooKeeperRefusedException($"a commit below {nodes.Root}", reply.Error);
                if (ZooKeeperMulti.Decode(reply.Body.Span) is not MultiOutcome.Refused(var index, var error))
                    return Fate.Done;
                return await FateOfAsync(commit, group, calls, index, error, again);
            }
            catch (ConnectionLostException)
            {
                await session.ConnectedAsync().WaitAsync(stopping);
            }
        }
    }

    private async Task<Fate> FateOfAsync(
        StoreCommit commit, List<ZnodeWrite> group, List<StoreCall> calls, int index, ZooKeeperError error, bool again)
    {
        if (index == 0 && error == ZooKeeperError.NodeExists)
        {
            if (!again)
                return Fate.Overtaken;
            // One of the times we sent it, it may have been taken.
            return await follower.ReadAsync(nodes.Commit(commit.Ordinal)) is not { } node ? Fate.Unknown
                : StoreCommitCodec.Decode(node.Data).Commit.Writer == commit.Writer ? Fate.Done : Fate.Overtaken;
        }

        if (index == 1 && error == ZooKeeperError.NoNode)
            return again ? Fate.Unknown : Fate.Overtaken;
        if (error is not (ZooKeeperError.NoNode or ZooKeeperError.NodeExists or ZooKeeperError.BadVersion))
            throw new ZooKeeperRefusedException($"writing {group[index].Path}", error);
        if (error != ZooKeeperError.BadVersion)
            return Fate.Diverged;
        foreach (var call in calls.Where(call => call.Command is Command.RevokeLease(var lease) && nodes.Lease(lease) == group[index].Path))
            call.Succeed(new CommandResult.Refused(StoreRefusal.LeaseExists));
        return Fate.LeaseKept;
    }

    private static void Answer(List<StoreCall> calls, List<object> results)
    {
        for (var i = 0; i < calls.Count; i++)
            calls[i].Succeed(results[i]);
    }

    /// <summary>Others have committed so much since that what became of ours can no longer be read; a request with an id can be tried again.</summary>
    private static void GiveUp(List<StoreCall> calls)
    {
        foreach (var call in calls.Where(call => call.Command is { Request: null }))
            call.Fail(new StoreUnavailableException("the connection ended while the write was under way, and what became of it can no longer be found out"));
    }
}
