using System.Text;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Serving.Tests;

/// <summary>The services v3lock and v3election, which etcdctl does not call: the same story on a real etcd and on Muster.</summary>
public sealed class RecipeTests
{
    [Fact]
    public async Task Locks_are_the_same()
    {
        Peers.Require(Peers.Etcd, Peers.Etcdctl);
        Assert.Equal(await ToldAsync(EtcdServer.Start(), LocksAsync), await ToldAsync(MusterServer.Start(), LocksAsync));
    }

    [Fact]
    public async Task Elections_are_the_same()
    {
        Peers.Require(Peers.Etcd, Peers.Etcdctl);
        Assert.Equal(await ToldAsync(EtcdServer.Start(), ElectionsAsync), await ToldAsync(MusterServer.Start(), ElectionsAsync));
    }

    private static async Task<string> ToldAsync(IServer server, Func<EtcdClient, StringBuilder, Task> tell)
    {
        using (server)
        {
            using var client = new EtcdClient(server.Endpoint);
            var story = new StringBuilder();
            await tell(client, story);
            return story.ToString();
        }
    }

    private static async Task LocksAsync(EtcdClient client, StringBuilder story)
    {
        var (one, two) = (await LeaseAsync(client), await LeaseAsync(client));
        var first = await LockAsync(client, one);
        story.AppendLine($"one holds {Named(first.Key, one)} at {first.Header.Revision}");
        var again = await LockAsync(client, one);
        story.AppendLine($"one holds {Named(again.Key, one)} again at {again.Header.Revision}");
        var waiting = LockAsync(client, two);
        await SeenAsync(client, "lk/", 2);
        story.AppendLine($"two waits: {!waiting.IsCompleted}");
        story.AppendLine(await RefusalAsync(() => LockAsync(client, new(12345))));
        var unlocked = await UnlockAsync(client, first.Key);
        story.AppendLine($"unlocked at {unlocked.Header.Revision}");
        var second = await waiting;
        story.AppendLine($"two holds {Named(second.Key, two)} at {second.Header.Revision}");
        await client.AskAsync<LeaseRequest, HeaderResponse>("/etcdserverpb.Lease/LeaseRevoke", new(two));
        var own = await LockAsync(client, default);
        var lease = (await client.RangeAsync(KeyRange.Single(own.Key))).Keys[0].Lease;
        var left = await client.AskAsync<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse>("/etcdserverpb.Lease/LeaseTimeToLive", new(lease, false));
        story.AppendLine($"a lock without a lease gets one of {left.GrantedSeconds} s, key {Named(own.Key, lease)}");
        story.AppendLine($"unlocking nothing: {(await UnlockAsync(client, ByteString.From("nothing"))).Header.Revision}");
        story.AppendLine(await GivenUpAsync(client, one, own));
    }

    /// <summary>Who gives up waiting leaves no key behind.</summary>
    private static async Task<string> GivenUpAsync(EtcdClient client, LeaseId lease, LockResponse held)
    {
        using var patience = new CancellationTokenSource();
        var waiting = client.Channel.UnaryAsync("/v3lockpb.Lock/Lock", Proto.Encode(new LockRequest(ByteString.From("lk"), lease)), null, patience.Token);
        await SeenAsync(client, "lk/", 2);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
        await SeenAsync(client, "lk/", 1);
        return $"given up, left: {(await client.RangeAsync(KeyRange.Prefix("lk/"))).Keys.Single().Key == held.Key}";
    }

    private static async Task ElectionsAsync(EtcdClient client, StringBuilder story)
    {
        var (one, two) = (await LeaseAsync(client), await LeaseAsync(client));
        story.AppendLine(await RefusalAsync(() => LeaderAsync(client)));
        await using var observer = client.Channel.Duplex("/v3electionpb.Election/Observe");
        await observer.WriteAsync(Proto.Encode(new LeaderRequest(ByteString.From("boss"))));
        observer.Complete();
        var first = (await CampaignAsync(client, one, "a")).Leader!.Value;
        story.AppendLine($"one leads by {Named(first.Key, one)} since {first.Created}, lease named: {first.Lease == one}");
        story.AppendLine(await ObservedAsync(observer));
        var waiting = CampaignAsync(client, two, "b");
        await SeenAsync(client, "boss/", 2);
        story.AppendLine($"leader {(await LeaderAsync(client)).Key!.Value}, two waits: {!waiting.IsCompleted}");
        await client.AskAsync<ProclaimRequest, HeaderResponse>("/v3electionpb.Election/Proclaim", new(first, ByteString.From("a2")));
        story.AppendLine(await ObservedAsync(observer));
        story.AppendLine($"campaigning again: {(await CampaignAsync(client, one, "a3")).Leader!.Value.Created}");
        story.AppendLine(await ObservedAsync(observer));
        var resigned = await client.AskAsync<ResignRequest, HeaderResponse>("/v3electionpb.Election/Resign", new(first));
        story.AppendLine($"resigned at {resigned.Header.Revision}");
        var second = (await waiting).Leader!.Value;
        story.AppendLine($"two leads since {second.Created}");
        story.AppendLine(await ObservedAsync(observer));
        story.AppendLine(await RefusalAsync(() => client.AskAsync<ProclaimRequest, HeaderResponse>(
            "/v3electionpb.Election/Proclaim", new(first, ByteString.From("late")))));
        story.AppendLine(await RefusalAsync(() => client.AskAsync<ProclaimRequest, HeaderResponse>("/v3electionpb.Election/Proclaim", new(null, default))));
        story.AppendLine(await RefusalAsync(() => client.AskAsync<ResignRequest, HeaderResponse>("/v3electionpb.Election/Resign", new(null))));
        story.AppendLine($"resigned again at {(await client.AskAsync<ResignRequest, HeaderResponse>("/v3electionpb.Election/Resign", new(first))).Header.Revision}");
        story.AppendLine(await RefusalAsync(() => CampaignAsync(client, new(999), "c")));
    }

    private static async Task<string> ObservedAsync(GrpcDuplex observer)
    {
        var seen = Proto.Decode<LeaderResponse>((await observer.ReadAsync())!.Value.Span);
        return $"observed {seen.Key!.Value}, modified {seen.Key.Modified}, at {seen.Header.Revision}";
    }

    private static async Task<LeaseId> LeaseAsync(EtcdClient client) =>
        (await client.AskAsync<LeaseGrantRequest, LeaseGrantResponse>("/etcdserverpb.Lease/LeaseGrant", new(100, default))).Lease;

    private static Task<LockResponse> LockAsync(EtcdClient client, LeaseId lease) =>
        client.AskAsync<LockRequest, LockResponse>("/v3lockpb.Lock/Lock", new(ByteString.From("lk"), lease));

    private static Task<HeaderResponse> UnlockAsync(EtcdClient client, ByteString key) =>
        client.AskAsync<UnlockRequest, HeaderResponse>("/v3lockpb.Lock/Unlock", new(key));

    private static Task<CampaignResponse> CampaignAsync(EtcdClient client, LeaseId lease, string value) =>
        client.AskAsync<CampaignRequest, CampaignResponse>("/v3electionpb.Election/Campaign", new(ByteString.From("boss"), lease, ByteString.From(value)));

    private static Task<LeaderResponse> LeaderAsync(EtcdClient client) =>
        client.AskAsync<LeaderRequest, LeaderResponse>("/v3electionpb.Election/Leader", new(ByteString.From("boss")));

    private static string Named(ByteString key, LeaseId lease) => key.ToString().Replace(lease.ToString(), "LEASE", StringComparison.Ordinal);

    private static async Task<string> RefusalAsync(Func<Task> act)
    {
        var refused = await Assert.ThrowsAsync<GrpcException>(act);
        return $"{refused.Code}: {refused.Status.Detail}";
    }

    private static async Task SeenAsync(EtcdClient client, string prefix, int keys)
    {
        for (var asked = 0; (await client.RangeAsync(KeyRange.Prefix(prefix))).Keys.Length != keys; asked++)
        {
            Assert.True(asked < 2_000, $"there are never {keys} keys below {prefix}");
            await Task.Delay(5);
        }
    }
}
