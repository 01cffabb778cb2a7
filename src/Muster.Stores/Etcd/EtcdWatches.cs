using Muster.Codecs.Etcd;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Stores.Etcd;

/// <summary>All watches over one stream, which is opened anew, at another server, when it ends or falls silent.</summary>
internal sealed class EtcdWatches
{
    private readonly SortedDictionary<long, EtcdWatch> _watches = [];
    private readonly EtcdCaller _caller;
    private readonly EtcdStoreOptions _options;
    private readonly MonotonicClock _clock;
    private readonly Inbox<WatchInput> _inbox = new("etcd watches");
    private WatchStream? _stream;
    private EtcdRefusedException? _refused;
    private Instant _heard;
    private Instant _next;
    private bool _asked;
    private int _rounds;
    private long _lastId;

    public EtcdWatches(EtcdCaller caller, EtcdStoreOptions options, MonotonicClock clock)
    {
        (_caller, _options, _clock) = (caller, options, clock);
        caller.Moved = Moved;
    }

    public IDisposable Add(EtcdWatch watch)
    {
        Name(watch);
        if (_stream is { } stream)
            stream.Send(watch.Request());
        else
            _inbox.TryPost(new WatchInput.Work());
        return new Handle(this, watch);
    }

    /// <summary>Keeps a stream open while there are watches, until stopped.</summary>
    /// <exception cref="EtcdRefusedException">A watch is not allowed.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var ticks = Ticker.Start(_clock, TimeSpan.FromMilliseconds(Math.Max(20, _options.WatchSilence.TotalMilliseconds / 10)), _inbox, _ => new WatchInput.Work());
        try
        {
            while (await _inbox.WaitToReadAsync(stopping))
            {
                while (_inbox.TryRead(out _))
                {
                }

                if (_refused is { } refused)
                    throw refused;
                await LookAsync(stopping);
            }
        }
        finally
        {
            _stream?.Close();
            _stream = null;
        }
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        var now = _clock.Now;
        if (_stream is not { } stream)
        {
            if (_watches.Count > 0 && now >= _next)
                await OpenAsync(stopping);
            return;
        }

        if (_watches.Count == 0)
            return;
        if (now - _heard >= _options.WatchSilence * 2)
            Ended(stream, "the stream of watches is silent");
        else if (now - _heard >= _options.WatchSilence && !_asked)
        {
            _asked = true;
            stream.Send(new WatchRequest.Progress());   // an answer proves that the other end lives; what it says is not relied on
        }
    }

    private async Task OpenAsync(CancellationToken stopping)
    {
        var server = _caller.Current;
        try
        {
            var duplex = await _caller.OpenAsync(EtcdMethods.Watch, stopping);
            (_heard, _asked) = (_clock.Now, false);
            _stream = new WatchStream(duplex, _caller.Current, Received, Ended);
            _stream.ReadAll();
            foreach (var watch in _watches.Values)
                _stream.Send(watch.Request());
        }
        catch (GrpcException failure)
        {
            if (EtcdErrors.Kind(failure) == EtcdFailure.Refused)
                throw new EtcdRefusedException(failure.Status.ToString());
            Failed(server, failure.Status.Detail);
        }
    }

    private void Received(WatchStream stream, WatchResponse response)
    {
        (_heard, _asked, _rounds) = (_clock.Now, false, 0);
        if (!_watches.TryGetValue(response.Watch, out var watch))
        {
            if (response is { Watch: < 0, IsCanceled: true })
                Refuse(response.CancelReason);
            return;
        }

        if (response.IsCreated)
            watch.Opened(response.Header.Revision);
        if (response.IsCanceled)
            Canceled(stream, watch, response);
        else if (!response.IsCreated || !response.Events.IsEmpty)
            watch.Take(response);
    }

    /// <summary>Compacted: what comes next is gone, and no server has it. Otherwise only this server will not, and another may.</summary>
    private void Canceled(WatchStream stream, EtcdWatch watch, WatchResponse response)
    {
        if (response.Compacted == Revision.None)
        {
            Ended(stream, response.CancelReason);
            return;
        }

        _watches.Remove(watch.Id);
        if (!watch.Compacted(response.Compacted))
            return;
        Name(watch);        // a server remembers the ids of watches that it has closed
        stream.Send(watch.Request());
    }

    private void Name(EtcdWatch watch)
    {
        watch.Id = ++_lastId;
        _watches.Add(watch.Id, watch);
    }

    private void Refuse(string reason)
    {
        _refused = new EtcdRefusedException($"a watch: {reason}");
        _inbox.TryPost(new WatchInput.Work());
    }

    private void Ended(WatchStream stream, string reason)
    {
        if (stream != _stream)
            return;
        stream.Close();
        _stream = null;
        Failed(stream.Server, reason);
    }

    private void Failed(int server, string reason)
    {
        _next = _clock.Now + (_rounds == 0 ? TimeSpan.Zero : _caller.Pause(_rounds));
        _rounds++;
        _caller.MoveFrom(server, reason);
        _inbox.TryPost(new WatchInput.Work());
    }

    /// <summary>Calls have left a server: the stream leaves it too, for it may be half open and nobody would know.</summary>
    private void Moved()
    {
        if (_stream is not { } stream || stream.Server == _caller.Current)
            return;
        stream.Close();
        _stream = null;
        _inbox.TryPost(new WatchInput.Work());
    }

    private void Remove(EtcdWatch watch)
    {
        if (_watches.Remove(watch.Id))
            _stream?.Send(new WatchRequest.Cancel(watch.Id));
    }

    private sealed class Handle(EtcdWatches owner, EtcdWatch watch) : IDisposable
    {
        public void Dispose() => owner.Remove(watch);
    }

    private abstract record WatchInput
    {
        public sealed record Work : WatchInput;
    }
}
