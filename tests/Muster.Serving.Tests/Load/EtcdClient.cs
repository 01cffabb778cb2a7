using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Serving.Tests;

/// <summary>The few calls that tests make, over a connection of their own.</summary>
internal sealed class EtcdClient(string endpoint, GrpcChannelOptions? options = null) : IDisposable
{
    public GrpcChannel Channel { get; } = new(new Uri(endpoint.Contains("://", StringComparison.Ordinal) ? endpoint : "http://" + endpoint), options);

    /// <summary>Sent along with every call.</summary>
    public string? Token { get; set; }

    public async Task<TAnswer> AskAsync<TRequest, TAnswer>(string path, TRequest request)
        where TRequest : IProtoMessage<TRequest>
        where TAnswer : IProtoMessage<TAnswer>
    {
        var call = new GrpcCallOptions { Timeout = TimeSpan.FromSeconds(60), Metadata = Token is null ? [] : [new("token", Token)] };
        return Proto.Decode<TAnswer>((await Channel.UnaryAsync(path, Proto.Encode(request), call)).Span);
    }

    public async Task<Revision> PutAsync(string key, string value, LeaseId lease = default) =>
        (await AskAsync<PutRequest, PutResponse>("/etcdserverpb.KV/Put", new(new(ByteString.From(key), ByteString.From(value), lease)))).Header.Revision;

    public async Task<OperationResult.Range> RangeAsync(KeyRange keys) =>
        (await AskAsync<RangeRequest, RangeResponse>("/etcdserverpb.KV/Range", new(new(keys)))).Range;

    public void Dispose() => Channel.Dispose();
}
