using System.Diagnostics;
using System.Globalization;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Etcd.Tests.Servers;
using Muster.Network.Http;
using Muster.Primitives;

// serve DIR | load ADDRESS KIND CLIENTS SECONDS
if (args[0] == "serve")
{
    var served = await ServedStore.StartAsync(args[1]);
    Console.WriteLine(served.Address);
    Console.ReadLine();
    return;
}

var address = new Uri(args[1]);
var (kind, clients, seconds) = (args[2], int.Parse(args[3]), double.Parse(args[4], CultureInfo.InvariantCulture));
var connections = Math.Min(clients, 16);
var channels = Enumerable.Range(0, connections).Select(_ => new GrpcChannel(address)).ToArray();
var value = new ByteString(new byte[128]);
var latencies = new List<double>[clients];
await RunAsync(0.5);
var total = await RunAsync(seconds);
var all = latencies.SelectMany(l => l).Order().ToList();
Console.WriteLine($"{kind} {clients}: {total / seconds:0}/s p50 {all[all.Count / 2]:0.00} ms p99 {all[all.Count * 99 / 100]:0.00} ms");

async Task<long> RunAsync(double span)
{
    var began = Stopwatch.GetTimestamp();
    var counts = await Task.WhenAll(Enumerable.Range(0, clients).Select(i => Task.Run(async () =>
    {
        var mine = latencies[i] = [];
        var channel = channels[i % connections];
        var key = ByteString.From($"/bench/{i:d4}");
        var bytes = kind == "put" ? Proto.Encode(new PutRequest(new(key, value))) : Proto.Encode(new RangeRequest(new(KeyRange.Single(key))));
        var path = kind == "put" ? "/etcdserverpb.KV/Put" : "/etcdserverpb.KV/Range";
        var count = 0L;
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < span)
        {
            var at = Stopwatch.GetTimestamp();
            await channel.UnaryAsync(path, bytes);
            mine.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            count++;
        }

        return count;
    })));
    return counts.Sum();
}
