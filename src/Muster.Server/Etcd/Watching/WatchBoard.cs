using Muster.Codecs.Etcd;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Stores;

namespace Muster.Server.Etcd.Watching;

/// <summary>All watches that are served: who has what to be told. Used on the store's loop only.</summary>
internal sealed class WatchBoard
{
    /// <summary>Batches read in one turn of the loop; then whoever else waits for the loop comes first.</summary>
    private const int BatchesPerTurn = 256;

    /// <summary>Watches closed in one turn of the loop.</summary>
    private const int ClosedPerTurn = 4_096;

    /// <summary>Length from which an answer is divided: etcd's request limit and its overhead.</summary>
    private const long FragmentBytes = 2L << 20;

    private const long NoWatch = -1;

    private readonly StoreGate _gate;
    private readonly WatchHub _hub;
    private readonly Dictionary<WatchId, StreamWatch> _watches = [];         // looked up by id only
    private readonly HashSet<WatchStream> _streams = [];                     // gone through where order does not matter
    private readonly List<WatchStream> _wantProgress = [];
    private bool _scheduled;

    public WatchBoard(StoreGate gate, ApplyNotices notices)
    {
        (_gate, _hub) = (gate, new(gate.Store.Limits));
        notices.Add(Notice);
    }

    private KeyspaceMachine State => _gate.Store.State;

    /// <summary>Open watches.</summary>
    public int Count => _watches.Count;

    public void Open(WatchStream stream) => _streams.Add(stream);

    /// <summary>Ends a stream's watches, a part of them in each turn.</summary>
    public void Close(WatchStream stream)
    {
        if (_streams.Remove(stream))
            _wantProgress.Remove(stream);
        var closed = stream.Watches.Values.Take(ClosedPerTurn).ToList();
        foreach (var watch in closed)
            Remove(watch);
        if (stream.Watches.Count > 0)
            _gate.Post(() => Close(stream));
    }

    /// <summary>Does what a client asked for.</summary>
    public void Handle(WatchStream stream, WatchRequest request)
    {
        switch (request)
        {
            case WatchRequest.Create create:
                Create(stream, create);
                break;
            case WatchRequest.Cancel(var id) when stream.Watches.TryGetValue(id, out var watch):
                Remove(watch);
                stream.Add(new(_gate.Header, id) { IsCanceled = true });
                break;
            case WatchRequest.Progress when !stream.WantsProgress:
                stream.WantsProgress = true;
                _wantProgress.Add(stream);
                Schedule();
                break;
        }
    }

    /// <summary>Tells idle watches that asked for it how far they are.</summary>
    public void TellProgress()
    {
        foreach (var watch in _streams.SelectMany(stream => stream.Watches.Values).Where(watch => watch.Wish.NotifyProgress))
        {
            if (!watch.HadEvents && _hub.IsSynced(watch.HubId) && !watch.Stream.IsFull)
                watch.Stream.Add(new(_gate.Header, watch.Id));
            watch.HadEvents = false;
        }
    }

    /// <summary>A stream that was full has room again.</summary>
    public void Resume(WatchStream stream)
    {
        foreach (var watch in stream.Stalled)
            _hub.Resume(watch);
        stream.Stalled.Clear();
        Schedule();
    }

    private void Create(WatchStream stream, WatchRequest.Create create)
    {
        if (Forbids(stream, create) is { } reason)
        {
            Refuse(stream, reason);
            return;
        }

        if (create.Watch != 0 && stream.Watches.ContainsKey(create.Watch) && !create.Filter.Keys.IsEmpty)
        {
            Refuse(stream, "mvcc: duplicate watch ID provided on the WatchStream");
            return;
        }

        switch (_hub.Open(create.Filter, create.Start, State))
        {
            case WatchOpened.Open(var hubId, var at):
                var watch = new StreamWatch(stream, create.Watch == 0 ? NextId(stream) : create.Watch, hubId, create);
                stream.Watches.Add(watch.Id, watch);
                _watches.Add(hubId, watch);
                stream.Add(new(_gate.HeaderAt(at), watch.Id) { IsCreated = true });
                Schedule();
                break;
            case WatchOpened.EmptyRange:
                Refuse(stream, "mvcc: watcher range is empty");
                break;
            case WatchOpened.BeforeHistory:
                Refuse(stream, StoreRefusals.Text(StoreRefusal.Compacted));
                break;
            default:
                Refuse(stream, StoreRefusals.Text(StoreRefusal.TooManyRequests));
                break;
        }
    }

    private string? Forbids(WatchStream stream, WatchRequest.Create create)
    {
        const string denied = "rpc error: code = PermissionDenied desc = etcdserver: permission denied";
        try
        {
            var author = _gate.Access.Identify(stream.Credentials);
            return State.Auth.Check(author, create.Filter.Keys, Keyspace.Access.Read) is null ? null : denied;
        }
        catch (StoreRefusedException)
        {
            return denied;
        }
    }

    private void Refuse(WatchStream stream, string reason) =>
        stream.Add(new(_gate.Header, NoWatch) { IsCreated = true, IsCanceled = true, CancelReason = reason });

    private static long NextId(WatchStream stream)
    {
        while (stream.Watches.ContainsKey(stream.NextId))
            stream.NextId++;
        return stream.NextId++;
    }

    private void Remove(StreamWatch watch)
    {
        _hub.Close(watch.HubId);
        _watches.Remove(watch.HubId);
        watch.Stream.Watches.Remove(watch.Id);
    }

    private void Notice()
    {
        _hub.Notice(State);
        Schedule();
    }

    /// <summary>On a later turn of the loop: what was written in this one is told together.</summary>
    private void Schedule()
    {
        if (_scheduled)
            return;
        _scheduled = true;
        _gate.Post(Deliver);
    }

    private void Deliver()
    {
        _scheduled = false;
        for (var batches = 0; _hub.TryTakeReady(out var id); batches++)
        {
            if (!_watches.TryGetValue(id, out var watch))
                continue;
            if (watch.Stream.IsFull)
                Stall(watch);
            else
                Tell(watch, _hub.Read(id, State));
            if (batches < BatchesPerTurn)
                continue;
            Schedule();
            return;
        }

        if (_wantProgress.Count > 0)
            AnswerProgress();
    }

    private static void Stall(StreamWatch watch)
    {
        watch.Stream.Stalled.Add(watch.HubId);
        watch.Stream.AskForRoom();
    }

    private void Tell(StreamWatch watch, WatchDelivery delivery)
    {
        switch (delivery)
        {
            case WatchDelivery.Events(var events, var at):
                watch.HadEvents = true;
                var answer = new WatchResponse(_gate.HeaderAt(at), watch.Id) { Events = events };
                var bytes = Fragments.Bytes(events);
                if (!watch.Wish.MayDivide || bytes < FragmentBytes)
                    watch.Stream.Add(answer, bytes);
                else
                    foreach (var (part, partBytes) in Fragments.Of(answer, FragmentBytes))
                        watch.Stream.Add(part, partBytes);
                break;
            case WatchDelivery.Compacted(var oldest):
                Remove(watch);
                watch.Stream.Add(new(_gate.HeaderAt(Revision.None), watch.Id) { IsCanceled = true, Compacted = oldest });
                break;
        }
    }

    /// <summary>Only when everything before was told, so that the revision is true of all its watches.</summary>
    private void AnswerProgress()
    {
        for (var i = _wantProgress.Count - 1; i >= 0; i--)
        {
            var stream = _wantProgress[i];
            if (!stream.Watches.Values.All(watch => _hub.IsSynced(watch.HubId)))
                continue;
            _wantProgress.RemoveAt(i);
            stream.WantsProgress = false;
            stream.Add(new(_gate.Header, NoWatch));
        }
    }
}
