using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Etcd.Tests.Servers;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Etcd.Tests.Watching;

/// <summary>A watcher that loses its connection again and again, and goes on where it was; it checks what it can by itself.</summary>
internal sealed class Watcher(Uri server, WatchFilter filter, SeededRandom random)
{
    /// <summary>What it was told, in order.</summary>
    public List<History.Event> Told { get; } = [];

    /// <summary>Revisions that it may have missed: from the first on, up to but not the second.</summary>
    public List<(long From, long Until)> Missed { get; } = [];

    public int Reconnects { get; private set; }

    public int Bookmarks { get; private set; }

    public WatchFilter Filter => filter;

    private long _next = 1;

    /// <summary>Listens until it has been told everything up to a revision.</summary>
    /// <param name="last">That revision, once it is known.</param>
    public async Task RunAsync(Task<long> last)
    {
        while (!(last.IsCompleted && _next > await last))
        {
            using var client = new EtcdClient(server);
            await using var call = client.Watch();
            await call.WriteAsync(Proto.Encode<WatchRequest>(new WatchRequest.Create(filter, new(_next), 0) { NotifyProgress = true }));
            await ListenAsync(call, random.Next(1, 40), last);
            Reconnects++;
            if (random.Chance(0.1))
                await Task.Delay(random.Next(1, 100));        // away long enough to miss something
        }
    }

    private async Task ListenAsync(GrpcDuplex call, int responses, Task<long> last)
    {
        for (var i = 0; i < responses || last.IsCompleted; i++)
        {
            if (await EtcdClient.ReadAsync(call) is not { } response)
                throw new InvalidOperationException("the stream ended by itself");
            if (response.IsCanceled)
            {
                // Compacted: whoever really needs the keys would read them now.
                Missed.Add((_next, response.Compacted.Number));
                _next = response.Compacted.Number;
                return;
            }

            Take(response);
            if (last.IsCompleted && _next > await last)
                return;
            if (random.Chance(0.1) || last.IsCompleted && response.Events.IsEmpty && response.Watch != -1)
                await call.WriteAsync(Proto.Encode<WatchRequest>(new WatchRequest.Progress()));
        }
    }

    private void Take(WatchResponse response)
    {
        if (response.IsCreated)
            return;
        foreach (var change in response.Events)
        {
            var revision = change.Key.Modified.Number;
            Assert.True(revision >= _next, $"revision {revision} was told after everything before {_next}");
            Told.Add(new(revision, change.Key.Key.ToString(), change.IsDelete ? null : change.Key.Value.ToString(), change.IsCreate, change.Previous?.Value.ToString()));
        }

        // A revision comes whole, and a bookmark says that everything up to it was told: the next is later.
        if (response.Events.IsEmpty)
        {
            Bookmarks++;
            _next = Math.Max(_next, response.Header.Revision.Number + 1);
            return;
        }

        Assert.True(response.Header.Revision >= response.Events[^1].Key.Modified);
        _next = response.Events[^1].Key.Modified.Number + 1;
    }
}
