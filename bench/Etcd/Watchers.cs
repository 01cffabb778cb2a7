using System.Diagnostics;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Bench.Etcd;

/// <summary>How long it takes until those who watch are told.</summary>
internal static class Watchers
{
    private const int StreamsPerConnection = 100;

    private static readonly ByteString s_key = ByteString.From("/bench/watched");

    public static Task<string> OneAsync(Uri address, int rounds) => ManyAsync(address, 1, rounds);

    public static async Task<string> ManyAsync(Uri address, int watchers, int rounds)
    {
        using var writer = new GrpcChannel(address);
        var channels = Enumerable.Range(0, (watchers + StreamsPerConnection - 1) / StreamsPerConnection).Select(_ => new GrpcChannel(address)).ToList();
        var calls = new List<GrpcDuplex>();
        for (var i = 0; i < watchers; i++)
        {
            var call = channels[i / StreamsPerConnection].Duplex("/etcdserverpb.Watch/Watch");
            await call.WriteAsync(Proto.Encode<WatchRequest>(new WatchRequest.Create(new(KeyRange.Single(s_key)), default, 0)));
            await call.ReadAsync();
            calls.Add(call);
        }

        var put = Proto.Encode(new PutRequest(new(s_key, new(new byte[128]))));
        var (latencies, began) = (new List<double>(), Stopwatch.GetTimestamp());
        for (var round = -rounds / 5 - 1; round < rounds; round++)         // the first ones warm up
        {
            var told = Task.WhenAll(calls.Select(async call => await call.ReadAsync()));
            var at = Stopwatch.GetTimestamp();
            await writer.UnaryAsync("/etcdserverpb.KV/Put", put);
            await told;
            if (round >= 0)
                latencies.Add(Stopwatch.GetElapsedTime(at).TotalSeconds);
        }

        return Figures.Line(latencies, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }
}
