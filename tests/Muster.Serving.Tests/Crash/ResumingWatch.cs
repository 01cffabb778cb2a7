using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Serving.Tests;

/// <summary>Watches a prefix across losses of its server, going on behind the last event seen, as every client of etcd does.</summary>
internal sealed class ResumingWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<KeyValue> _seen = [];
    private readonly Task _task;

    public ResumingWatch(string endpoint, string prefix) => _task = Task.Run(() => FollowAsync(endpoint, prefix));

    /// <summary>Times that the stream was lost and opened again.</summary>
    public int Losses { get; private set; }

    public IReadOnlyList<KeyValue> Seen
    {
        get
        {
            lock (_seen)
                return [.. _seen];
        }
    }

    /// <summary>Waits until it has seen a revision.</summary>
    public async Task UntilAsync(Revision at)
    {
        for (var waited = 0; ; waited++)
        {
            lock (_seen)
            {
                if (_seen.Count > 0 && _seen[^1].Modified >= at)
                    return;
            }

            Assert.False(_task.IsCompleted, _task.Exception?.ToString());
            Assert.True(waited < 6_000, $"the watch does not reach revision {at}");
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task;
        _stop.Dispose();
    }

    private async Task FollowAsync(string endpoint, string prefix)
    {
        using var client = new EtcdClient(endpoint);
        var from = new Revision(1);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var stream = client.Channel.Duplex("/etcdserverpb.Watch/Watch", null, _stop.Token);
                await stream.WriteAsync(Proto.Encode<WatchRequest>(new WatchRequest.Create(new(KeyRange.Prefix(prefix)), from, 0)));
                while (await stream.ReadAsync() is { } bytes)
                {
                    var response = Proto.Decode<WatchResponse>(bytes.Span);
                    Assert.False(response.IsCanceled, response.CancelReason);
                    lock (_seen)
                        _seen.AddRange(response.Events.Select(change => change.Key));
                    from = response.Events.IsEmpty ? from : response.Events[^1].Key.Modified.Next();
                }
            }
            catch (Exception lost) when (lost is GrpcException or OperationCanceledException)
            {
                Losses++;
            }

            if (!_stop.IsCancellationRequested)
                await Task.Delay(20);
        }
    }
}
