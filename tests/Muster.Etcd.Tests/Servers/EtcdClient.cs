using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Etcd.Tests.Servers;

/// <summary>The few calls that tests make over and over.</summary>
internal sealed class EtcdClient(Uri address) : IDisposable
{
    public GrpcChannel Channel { get; } = new(address);

    public Task<PutResponse> PutAsync(string key, string value, LeaseId lease = default) =>
        CallAsync<PutRequest, PutResponse>("KV/Put", new(new(ByteString.From(key), ByteString.From(value), lease)));

    public Task<DeleteRangeResponse> DeleteAsync(string key) =>
        CallAsync<DeleteRangeRequest, DeleteRangeResponse>("KV/DeleteRange", new(new(KeyRange.Single(ByteString.From(key)))));

    public Task<RangeResponse> RangeAsync(KeyRange keys) => CallAsync<RangeRequest, RangeResponse>("KV/Range", new(new(keys)));

    public Task<TxnResponse> TransactAsync(Transaction transaction) => CallAsync<TxnRequest, TxnResponse>("KV/Txn", new(transaction));

    public Task<HeaderResponse> CompactAsync(Revision at) => CallAsync<CompactionRequest, HeaderResponse>("KV/Compact", new(at, false));

    public Task<LeaseGrantResponse> GrantAsync(long seconds) => CallAsync<LeaseGrantRequest, LeaseGrantResponse>("Lease/LeaseGrant", new(seconds, default));

    public GrpcDuplex Watch() => Channel.Duplex("/etcdserverpb.Watch/Watch");

    public static ReadOnlyMemory<byte> Create(KeyRange keys, long from = 0, bool previous = false) =>
        Proto.Encode<WatchRequest>(new WatchRequest.Create(new WatchFilter(keys) { ReturnPrevious = previous }, new(from), 0));

    public static async Task<WatchResponse?> ReadAsync(GrpcDuplex call) =>
        await call.ReadAsync() is { } bytes ? Proto.Decode<WatchResponse>(bytes.Span) : null;

    public void Dispose() => Channel.Dispose();

    public async Task<TAnswer> CallAsync<TRequest, TAnswer>(string method, TRequest request)
        where TRequest : IProtoMessage<TRequest>
        where TAnswer : IProtoMessage<TAnswer> =>
        Proto.Decode<TAnswer>((await Channel.UnaryAsync("/etcdserverpb." + method, Proto.Encode(request))).Span);
}
