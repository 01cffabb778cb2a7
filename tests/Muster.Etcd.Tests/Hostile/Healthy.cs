using System.Diagnostics;
using Muster.Etcd.Tests.Servers;
using Muster.Primitives;

namespace Muster.Etcd.Tests.Hostile;

/// <summary>A client that behaves, beside those that do not: it writes, reads back, and is told of its own writes.</summary>
internal sealed class Healthy : IAsyncDisposable
{
    private readonly EtcdClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _working;

    public Healthy(Uri server)
    {
        _client = new(server);
        _working = WorkAsync(_client, _stop.Token);
    }

    /// <summary>Rounds of write, event and read.</summary>
    public int Rounds { get; private set; }

    public TimeSpan Longest { get; private set; }

    /// <summary>Ends it; whatever went wrong for it comes out here.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _working;
        _client.Dispose();
        _stop.Dispose();
    }

    /// <summary>So many more rounds.</summary>
    public async Task GoOnAsync(int rounds)
    {
        var until = Rounds + rounds;
        while (Rounds < until)
        {
            if (_working.IsCompleted)
                await _working;
            await Task.Delay(5);
        }
    }

    private async Task WorkAsync(EtcdClient client, CancellationToken stop)
    {
        var keys = KeyRange.Prefix("healthy/");
        await using var watch = client.Watch();
        await watch.WriteAsync(EtcdClient.Create(keys));
        await EtcdClient.ReadAsync(watch);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var put = await client.PutAsync($"healthy/{i % 7}", $"{i}");
            var told = (await EtcdClient.ReadAsync(watch))!;
            var read = await client.RangeAsync(KeyRange.Single(ByteString.From($"healthy/{i % 7}")));
            Assert.Equal(put.Header.Revision, told.Events[0].Key.Modified);
            Assert.Equal($"{i}", read.Range.Keys[0].Value.ToString());
            Rounds++;
            if (Stopwatch.GetElapsedTime(began) is var took && took > Longest)
                Longest = took;
        }
    }
}
