using Muster.Codecs;
using Muster.Codecs.ZooKeeper;
using Muster.Codecs.ZooKeeper.Store;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Stores.ZooKeeper;

/// <summary>A store in a ZooKeeper ensemble: etcd's model as far as <see cref="IStore"/> goes, without history.</summary>
/// <remarks>
/// Runs on one loop. Nothing hangs on the session: a lost one costs a new connection and the watches set again. What every process
/// sees is the order of commits (docs/formats/zookeeper-store.md); this one tries calls on its mirror and makes the next commit of them.
/// </remarks>
public sealed class ZooKeeperStore : IStoreEngine
{
    private readonly ZooKeeperStoreOptions _options;
    private readonly MonotonicClock _clock;
    private readonly SeededRandom _chance;
    private readonly StoreNodes _nodes;
    private readonly Mirror _mirror;
    private readonly ZooKeeperSession _session;
    private readonly CommitFollower _follower;
    private readonly Committer _committer;
    private readonly LeaseReaper _reaper;
    private readonly ZnodeAcl _acl;
    private readonly ChangeWatches _watches = new();
    private readonly LinkedList<StoreCall> _waiting = [];
    private readonly LinkedList<StoreCall> _open = [];   // in the order in which they give up waiting
    private readonly Inbox<StoreInput> _inbox = new("zookeeper store");
    private readonly Inbox<StoreInput> _sweeps = new("zookeeper store's calls");
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _running;
    private bool _isBehind;

    private ZooKeeperStore(ZooKeeperAddress address, ZooKeeperStoreOptions options, MonotonicClock clock, MonotonicClock network, SeededRandom chance)
    {
        (_options, _clock, _chance) = (options, clock, chance);
        _acl = address.Credentials is null ? ZnodeAcl.Open : ZnodeAcl.Creator;
        _nodes = new StoreNodes(address.Chroot);
        _mirror = new Mirror(KeyspaceLimits.Default with { ClientsMax = options.ClientsMax, RequestBytesMax = options.CommitBytesMax });
        _session = new ZooKeeperSession(address, options, network, chance.Split());
        _follower = new CommitFollower(_session, _nodes, _mirror) { Changed = _watches.Notice };
        _committer = new Committer(_session, _nodes, _mirror, _follower, options, _acl, chance.Split()) { Changed = keys => _watches.Notice(keys) };
        _reaper = new LeaseReaper(_session, _nodes, _mirror, _follower, clock);
        _mirror.Granted = _reaper.Granted;
        (_session.Connected, _session.Noticed) = (Reconnected, Noticed);
        _running = _session.RunAsync(_closing.Token);
    }

    /// <inheritdoc/>
    public ClusterId Cluster { get; private set; }

    /// <summary>The session's id with the servers; changes when one has expired, which costs nothing.</summary>
    public long SessionId => _session.Id;

    /// <summary>Connects to a store, or begins one where there is none; waits until a server answers.</summary>
    /// <param name="address">Which servers, and where in them.</param>
    /// <param name="options">Limits and habits.</param>
    /// <param name="clock">This process's clock, for leases.</param>
    /// <param name="chance">For ids; in production it must be seeded by the system's chance.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <param name="network">Clock of the session; <paramref name="clock"/> when null.</param>
    /// <exception cref="StoreUnavailableException">No server answered in time.</exception>
    /// <exception cref="ZooKeeperRefusedException">The servers refuse the user, or the user may not do what a store needs.</exception>
    /// <exception cref="CodecException">What is there is not a store, or one of a newer version.</exception>
    public static async Task<ZooKeeperStore> OpenAsync(
        ZooKeeperAddress address, ZooKeeperStoreOptions options, MonotonicClock clock, SeededRandom chance, CancellationToken cancel, MonotonicClock? network = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(chance);
        var store = new ZooKeeperStore(address, options, clock, network ?? clock, chance);
        try
        {
            var opening = store.BeginAsync(address, network ?? clock, cancel);
            if (await Task.WhenAny(opening, store._running) == store._running)
                await store._running;
            await opening;
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ZooKeeperRefusedException">The servers refuse what they must not.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var ticks = Ticker.Start(_clock, _options.LeaseTick, _inbox, _ => new StoreInput.Tick());
        using var sweeps = Ticker.Start(_clock, _options.LeaseTick, _sweeps, _ => new StoreInput.Tick());
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, _closing.Token);
        await await Task.WhenAny(WorkAsync(either.Token), SweepAsync(either.Token), _running);
    }

    /// <inheritdoc/>
    public async Task<TransactionResult> TransactAsync(Transaction transaction, RequestId? request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (TransactionRules.Check(transaction, KeyspaceLimits.Default with { RequestBytesMax = _options.CommitBytesMax }) is { } broken)
            throw new StoreRefusedException(broken);
        var command = new Command.Transact(transaction) { Request = request };
        return await AskAsync(StoreCall.For(command, _clock.Now + _options.AnswerWithin)) switch
        {
            CommandResult.Transacted(var transacted) => transacted,
            CommandResult.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw new StoreUnavailableException("the request was sent before, and its result is no longer kept"),
        };
    }

    /// <inheritdoc/>
    public async Task<OperationResult.Range> RangeAsync(Operation.Range range, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await AskAsync(StoreCall.For(range, _clock.Now + _options.AnswerWithin)) switch
        {
            ReadOutcome.Found(var found) => found,
            ReadOutcome.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw new InvariantBrokenException("a read finds or is refused"),
        };
    }

    /// <inheritdoc/>
    public async Task<GrantedLease> GrantLeaseAsync(TimeSpan term, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var command = new Command.GrantLease(new LeaseId((long)(_chance.NextUInt64() >> 1) | 1), (long)Math.Ceiling(term.TotalSeconds));
        return await AskAsync(StoreCall.For(command, _clock.Now + _options.AnswerWithin)) switch
        {
            CommandResult.Granted(var lease, var seconds, _) => new GrantedLease(lease, TimeSpan.FromSeconds(seconds)),
            CommandResult.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw new InvariantBrokenException("a grant without request id is applied or refused"),
        };
    }

    /// <inheritdoc/>
    public async Task<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var (until, node) = (_clock.Now + _options.AnswerWithin, _nodes.Lease(lease));
        while (true)
        {
            try
            {
                // Written whether or not we know of it: another process may have granted it a moment ago.
                var data = _mirror.Leases.TryGetValue(lease, out var seconds)
                    ? StoreCommitCodec.EncodeLease(new LeaseTerm(lease, seconds))
                    : (await _follower.ReadAsync(node))?.Data;
                if (data is null)
                    return false;
                var reply = await _session.CallAsync(ZooKeeperOperation.SetData, ZooKeeperRequests.SetData(node, data, -1));
                return reply.Error switch
                {
                    ZooKeeperError.None => true,
                    ZooKeeperError.NoNode => false,
                    var refused => throw new ZooKeeperRefusedException($"writing {node}", refused),
                };
            }
            catch (ConnectionLostException lost)
            {
                await WaitForConnectionAsync(until, lost.Message, cancel);   // safe to send again: it only starts the term anew
            }
        }
    }

    /// <inheritdoc/>
    public async Task RevokeLeaseAsync(LeaseId lease, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await AskAsync(StoreCall.For(new Command.RevokeLease(lease), _clock.Now + _options.AnswerWithin));
    }

    /// <inheritdoc/>
    public IDisposable OnChange(KeyRange keys, Action changed)
    {
        var watch = _watches.Add(keys, changed);
        _inbox.TryPost(new StoreInput.Work());
        return watch;
    }

    /// <summary>Closes the connection. Leases stay, and end when nobody keeps them alive.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        _session.Dispose();
        _closing.Dispose();
    }

    private async Task BeginAsync(ZooKeeperAddress address, MonotonicClock network, CancellationToken cancel)
    {
        for (var until = network.Now + _options.OpenWithin; ;)
        {
            try
            {
                var left = until - network.Now;
                await _session.ConnectedAsync().WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, network.Time, cancel);
                Cluster = await new StoreBeginning(_session, _nodes, _follower, _acl).EnsureAsync(_chance);
                await _follower.RefreshAsync();
                return;
            }
            catch (ConnectionLostException)
            {
            }
            catch (TimeoutException)
            {
                throw new StoreUnavailableException($"no server of {address} answered in {_options.OpenWithin.TotalSeconds:0.#} s: {_session.LastTrouble}");
            }
        }
    }

    private async Task<object> AskAsync(StoreCall call)
    {
        if (_waiting.Count >= _options.WaitingMax)
            throw new StoreRefusedException(StoreRefusal.TooManyRequests);
        _waiting.AddLast(call);
        _open.AddLast(call);
        _inbox.TryPost(new StoreInput.Work());   // a full inbox is read soon, and whoever reads it looks for work
        return await call.Answer;
    }

    private async Task WorkAsync(CancellationToken stopping)
    {
        while (await _inbox.WaitToReadAsync(stopping))
        {
            var looksAtLeases = false;
            while (_inbox.TryRead(out var input))
                looksAtLeases |= input is StoreInput.Tick;
            try
            {
                if (looksAtLeases)
                    await EndLeasesAsync();
                await CarryOutAsync(stopping);
            }
            catch (ConnectionLostException)
            {
                _isBehind = true;   // the next connection brings the rest
            }
        }
    }

    private async Task CarryOutAsync(CancellationToken stopping)
    {
        var batch = Batch();
        try
        {
            await _committer.CarryOutAsync(batch, stopping);
        }
        finally
        {
            foreach (var call in batch.Where(call => !call.IsOver).Reverse())
                _waiting.AddFirst(call);
        }

        if (_waiting.Count > 0)
        {
            _inbox.TryPost(new StoreInput.Work());
            return;
        }

        while (_isBehind || !await _follower.WatchNextAsync())
        {
            _isBehind = false;
            await _follower.RefreshAsync();
        }
    }

    private List<StoreCall> Batch()
    {
        var batch = new List<StoreCall>();
        var bytes = 0L;
        while (_waiting.First is { } next && batch.Count < _options.BatchCallsMax && (batch.Count == 0 || bytes + next.Value.Bytes <= _options.CommitBytesMax))
        {
            _waiting.RemoveFirst();
            if (next.Value.IsOver)
                continue;
            bytes += next.Value.Bytes;
            batch.Add(next.Value);
        }

        return batch;
    }

    private async Task EndLeasesAsync()
    {
        foreach (var (lease, version) in await _reaper.OverAsync())
        {
            if (_waiting.Any(call => call.Command is Command.RevokeLease(var waiting) && waiting == lease))
                continue;
            var call = StoreCall.For(new Command.RevokeLease(lease), _clock.Now + _options.AnswerWithin, version);
            _waiting.AddLast(call);
            ForgetFailure(call, lease);
        }
    }

    /// <summary>Whatever came of it, the next look at leases begins from what is there then.</summary>
    private async void ForgetFailure(StoreCall call, LeaseId lease)
    {
        try
        {
            await call.Answer;
        }
        catch (Exception ended) when (ended is StoreUnavailableException or StoreRefusedException)
        {
        }

        _reaper.Kept(lease);
    }

    /// <summary>Lets callers go who have waited long enough; apart from the work, which may wait for a connection itself.</summary>
    private async Task SweepAsync(CancellationToken stopping)
    {
        while (await _sweeps.WaitToReadAsync(stopping))
        {
            while (_sweeps.TryRead(out _))
            {
            }

            while (_open.First?.Value is { } oldest && (oldest.IsOver || _clock.Now >= oldest.Until))
            {
                _open.RemoveFirst();
                oldest.Fail(new StoreUnavailableException(
                    $"no answer in {_options.AnswerWithin.TotalSeconds:0.#} s{(oldest.WasSent ? ", what was sent may yet be done" : "")}: {_session.LastTrouble}"));
            }
        }
    }

    private async Task WaitForConnectionAsync(Instant until, string trouble, CancellationToken cancel)
    {
        var left = until - _clock.Now;
        if (left <= TimeSpan.Zero)
            throw new StoreUnavailableException(trouble);
        try
        {
            await _session.ConnectedAsync().WaitAsync(left, _clock.Time, cancel);
        }
        catch (TimeoutException)
        {
            throw new StoreUnavailableException(trouble);
        }
    }

    private void Noticed(ZnodeNotice notice)
    {
        _reaper.Noticed(notice);
        if (!notice.Path.StartsWith(_nodes.Commits, StringComparison.Ordinal) || StoreNodes.OrdinalOf(notice.Path) is var made && (made <= _mirror.Ordinal || made == _committer.UnderWay))
            return;
        _isBehind = true;
        _inbox.TryPost(new StoreInput.Work());
    }

    private async void Reconnected()
    {
        _follower.ConnectionBegan();
        _isBehind = true;
        _inbox.TryPost(new StoreInput.Work());
        try
        {
            await _reaper.ConnectionBeganAsync();
        }
        catch (ConnectionLostException)
        {
        }
    }

    private abstract record StoreInput
    {
        public sealed record Work : StoreInput;

        public sealed record Tick : StoreInput;
    }
}
