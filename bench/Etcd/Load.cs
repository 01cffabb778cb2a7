using System.Collections.Immutable;
using System.Diagnostics;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Bench.Etcd;

/// <summary>Clients that each wait for their last answer.</summary>
internal static class Load
{
    private const int ConnectionsMax = 16, ValueBytes = 128, FillAtOnce = 32, KeysPerTransaction = 100;

    public static async Task<string> RunAsync(Uri address, string kind, int clients, double seconds, double rate)
    {
        var channels = Enumerable.Range(0, Math.Min(clients, ConnectionsMax)).Select(_ => new GrpcChannel(address)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(i => ClientAsync(channels[i % channels.Length], kind, i, Math.Min(1, seconds), 0, clients)));
        var began = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, clients).Select(i =>
            Task.Run(() => ClientAsync(channels[i % channels.Length], kind, i, seconds, rate / clients, clients))));
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return Figures.Line(all.SelectMany(latencies => latencies), took);
    }

    public static async Task<string> FillAsync(Uri address, int keys, int bytes)
    {
        using var channel = new GrpcChannel(address);
        var value = new ByteString(new byte[bytes]);
        var (next, began) = (0, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, FillAtOnce).Select(async _ =>
        {
            while (true)
            {
                var first = Interlocked.Add(ref next, KeysPerTransaction) - KeysPerTransaction;
                if (first >= keys)
                    return;
                ImmutableArray<Operation> puts = [.. Enumerable.Range(first, Math.Min(KeysPerTransaction, keys - first))
                    .Select(i => new Operation.Put(ByteString.From($"/fill/{i:d9}"), value))];
                await channel.UnaryAsync("/etcdserverpb.KV/Txn", Proto.Encode(new TxnRequest(Transaction.Always(puts))));
            }
        }));
        return Figures.Line([0], Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    private static async Task<List<double>> ClientAsync(GrpcChannel channel, string kind, int number, double seconds, double rate, int clients)
    {
        var key = ByteString.From($"/bench/{number:d4}");
        var (path, bytes) = kind == "put"
            ? ("/etcdserverpb.KV/Put", Proto.Encode(new PutRequest(new(key, new(new byte[ValueBytes])))))
            : ("/etcdserverpb.KV/Range", Proto.Encode(new RangeRequest(new(KeyRange.Single(key)))));
        var (latencies, began) = (new List<double>(), Stopwatch.GetTimestamp());
        for (var calls = 0L; Stopwatch.GetElapsedTime(began).TotalSeconds < seconds; calls++)
        {
            // At a rate, a call's time begins when it was due, so that a server that stalls is not asked less.
            var due = rate > 0 ? (calls + (double)number / clients) / rate : 0;
            if (rate > 0 && due - Stopwatch.GetElapsedTime(began).TotalSeconds is > 0 and var wait)
                await Task.Delay(TimeSpan.FromSeconds(wait));
            var at = Stopwatch.GetTimestamp();
            await channel.UnaryAsync(path, bytes);
            latencies.Add(rate > 0 ? Stopwatch.GetElapsedTime(began).TotalSeconds - due : Stopwatch.GetElapsedTime(at).TotalSeconds);
        }

        return latencies;
    }
}
