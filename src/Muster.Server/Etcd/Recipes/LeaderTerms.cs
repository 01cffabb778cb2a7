using System.Collections.Immutable;
using System.Threading.Channels;
using Muster.Codecs.Etcd;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Stores;

namespace Muster.Server.Etcd.Recipes;

/// <summary>Who leads an election, and what each leader proclaims, in order: followed on the store's loop, read by one caller.</summary>
/// <remarks>A caller who does not keep up is let go with RESOURCE_EXHAUSTED, rather than told less than everything.</remarks>
// production seam: the reader is a handler on the thread pool.
internal sealed class LeaderTerms(StoreGate gate, ByteString name) : IAsyncDisposable
{
    /// <summary>Proclamations that may wait for a slow caller; default 10,000.</summary>
    public const int WaitingMax = 10_000;

    private readonly Channel<(ResponseHeader, KeyValue)> _told = Channel.CreateBounded<(ResponseHeader, KeyValue)>(WaitingMax);
    private IDisposable? _watch;
    private Queue _queue = null!;
    private KeyValue? _leader;

    /// <summary>Begins with the present leader; on the loop.</summary>
    /// <exception cref="StoreRefusedException">The caller may not read the election's keys.</exception>
    public void Begin(Author author)
    {
        _queue = new Queue(gate.Store, name, author);
        Look();
    }

    /// <summary>The next leader or proclamation.</summary>
    public async Task<(ResponseHeader Header, KeyValue Key)> NextAsync(CancellationToken cancel) => await _told.Reader.ReadAsync(cancel);

    /// <summary>Ends the watch, on the loop.</summary>
    public async ValueTask DisposeAsync() => await gate.AskAsync(() =>
    {
        _watch?.Dispose();
        return true;
    });

    private void Look()
    {
        var (first, at) = _queue.First();
        if (first is not null && first.Modified != _leader?.Modified)
            Tell(at, first);
        _leader = first;
        _watch?.Dispose();
        var keys = first is null ? _queue.All : KeyRange.Single(first.Key);
        _watch = gate.Store.Watch(keys, at.Next(), Deliver, _ => Look());
    }

    private void Deliver(ImmutableArray<StoreEvent> events)
    {
        foreach (var change in events)
        {
            if (_leader is null || change.IsDelete)
            {
                Look();         // somebody came, or the leader went: who is first now?
                return;
            }

            Tell(change.Key.Modified, change.Key);
            _leader = change.Key;
        }
    }

    private void Tell(Revision at, KeyValue key)
    {
        if (!_told.Writer.TryWrite((gate.HeaderAt(at), key)))
            _told.Writer.TryComplete(new GrpcException(GrpcCode.ResourceExhausted, $"more than {WaitingMax} proclamations wait to be read: observe again"));
    }
}
