using System.Collections.Immutable;
using Muster.Codecs.Etcd;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Stores.Etcd;

/// <summary>A store in an etcd cluster, or in whatever speaks its protocol: <see cref="IVersionedStore"/> in full.</summary>
/// <remarks>
/// Runs on one loop. Reads, and what is the same done twice, are asked again of another server when one does not answer; a
/// transaction without a request's id whose answer is lost is reported as unknown, never sent again.
/// </remarks>
public sealed class EtcdStore : IVersionedStore, IStoreEngine
{
    private readonly EtcdStoreOptions _options;
    private readonly MonotonicClock _clock;
    private readonly SeededRandom _chance;
    private readonly EtcdCaller _caller;
    private readonly EtcdWatches _watches;
    private readonly KeyPrefix _prefix;
    private readonly string _prefixText;
    private readonly CancellationTokenSource _closing = new();
    private GrantedLease _marks;
    private Instant _marksUntil;

    private EtcdStore(EtcdAddress address, EtcdStoreOptions options, MonotonicClock clock, SeededRandom chance)
    {
        (_options, _clock, _chance) = (options, clock, chance);
        (_prefix, _prefixText) = (new KeyPrefix(address.Prefix), address.Prefix);
        _caller = new EtcdCaller(address, options, clock, chance.Split());
        _watches = new EtcdWatches(_caller, options, clock);
    }

    /// <inheritdoc/>
    public ClusterId Cluster { get; private set; }

    /// <summary>Connects to a cluster; waits until a server answers.</summary>
    /// <param name="address">Which servers, and which prefix.</param>
    /// <param name="options">Limits and habits.</param>
    /// <param name="clock">This process's clock.</param>
    /// <param name="chance">For ids; in production it must be seeded by the system's chance.</param>
    /// <exception cref="StoreUnavailableException">No server answered in time; the message says what the last one said.</exception>
    /// <exception cref="EtcdRefusedException">The servers refuse the user, or the user may not read there.</exception>
    public static async Task<EtcdStore> OpenAsync(EtcdAddress address, EtcdStoreOptions options, MonotonicClock clock, SeededRandom chance)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(chance);
        var store = new EtcdStore(address, options, clock, chance);
        try
        {
            var probe = new Operation.Range(KeyRange.Single(ByteString.From("cluster"))) { CountOnly = true };
            await store.RangeAsync(probe, options.OpenWithin);
            return store;
        }
        catch (StoreUnavailableException silent)
        {
            store.Dispose();
            throw new StoreUnavailableException($"{address} did not answer in {options.OpenWithin.TotalSeconds:0.#} s: {silent.Message}");
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="EtcdRefusedException">The servers refuse a watch.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, _closing.Token);
        await _watches.RunAsync(either.Token);
    }

    /// <inheritdoc/>
    public async Task<TransactionResult> TransactAsync(Transaction transaction, RequestId? request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (TransactionRules.Check(transaction, KeyspaceLimits.Default) is { } broken)
            throw new StoreRefusedException(broken);
        var mapped = _prefix.Transaction(transaction);
        if (request is null && mapped is { Guards.IsEmpty: true, Then: [Operation.Put put] })
            return await PutAsync(put);
        if (request is not { } id)
            return _prefix.Strip(await SendAsync(mapped, TransactionRules.IsReadOnly(transaction)));
        var mark = RequestMarks.Key(_prefixText, id.Client);
        var result = await SendAsync(RequestMarks.Marked(mapped, mark, id.Sequence, await MarksLeaseAsync()), mayRepeat: true);
        return RequestMarks.Result(mapped, id.Sequence, result) is { } done
            ? _prefix.Strip(done)
            : throw new StoreUnavailableException("the request was sent before, and its result is no longer kept");
    }

    /// <inheritdoc/>
    public Task<OperationResult.Range> RangeAsync(Operation.Range range, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return TransactionRules.Check(range) is { } broken
            ? Task.FromException<OperationResult.Range>(new StoreRefusedException(broken))
            : RangeAsync(range, _options.AnswerWithin);
    }

    /// <inheritdoc/>
    public async Task<GrantedLease> GrantLeaseAsync(TimeSpan term, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var lease = new LeaseId((long)(_chance.NextUInt64() >> 1) | 1);
        try
        {
            var request = new LeaseGrantRequest((long)Math.Ceiling(term.TotalSeconds), lease);
            var granted = await _caller.CallAsync<LeaseGrantRequest, LeaseGrantResponse>(EtcdMethods.Grant, request, mayRepeat: true);
            Require(granted.Header);
            return new(granted.Lease, TimeSpan.FromSeconds(granted.Seconds));
        }
        catch (GrpcException exists) when (exists.Status.Detail == EtcdErrors.LeaseExists)
        {
            // The id was drawn for this call: an earlier try of it was done, and its answer lost.
            var found = await CallAsync<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse>(EtcdMethods.TimeToLive, new(lease, false));
            Require(found.Header);
            return found.GrantedSeconds > 0
                ? new(lease, TimeSpan.FromSeconds(found.GrantedSeconds))
                : throw new StoreUnavailableException("the lease ended before its granting was answered");
        }
        catch (GrpcException refused)
        {
            throw EtcdErrors.Translate(refused);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            var kept = await _caller.AskOnceAsync<LeaseRequest, LeaseKeepAliveResponse>(EtcdMethods.KeepAlive, new(lease));
            Require(kept.Header);
            return kept.Seconds > 0;
        }
        catch (GrpcException refused)
        {
            throw EtcdErrors.Translate(refused);
        }
    }

    /// <inheritdoc/>
    public async Task RevokeLeaseAsync(LeaseId lease, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            Require((await _caller.CallAsync<LeaseRequest, HeaderResponse>(EtcdMethods.Revoke, new(lease), mayRepeat: true)).Header);
        }
        catch (GrpcException gone) when (gone.Status.Detail == EtcdErrors.LeaseNotFound)
        {
        }
        catch (GrpcException refused)
        {
            throw EtcdErrors.Translate(refused);
        }
    }

    /// <inheritdoc/>
    public IDisposable OnChange(KeyRange keys, Action changed)
    {
        RequireKeys(keys);
        return _watches.Add(new LevelWatch(_prefix.Range(keys), changed));
    }

    /// <inheritdoc/>
    public IDisposable Watch(KeyRange keys, Revision from, Action<ImmutableArray<StoreEvent>> deliver, Action<Revision> ended)
    {
        RequireKeys(keys);
        if (from.Number < 0)
            throw new StoreRefusedException(StoreRefusal.Compacted);
        return _watches.Add(new EventWatch(_prefix.Range(keys), from, _prefix, deliver, ended));
    }

    /// <inheritdoc/>
    public async Task CompactAsync(Revision revision, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        Require((await CallAsync<CompactionRequest, HeaderResponse>(EtcdMethods.Compact, new(revision, false))).Header);
    }

    /// <summary>Closes connections. Leases stay, and end when nobody keeps them alive.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        _caller.Dispose();
        _closing.Dispose();
    }

    private static void RequireKeys(KeyRange keys)
    {
        if (keys.IsEmpty)
            throw new ArgumentException("a watch of an empty range would never tell anything", nameof(keys));
    }

    private async Task<OperationResult.Range> RangeAsync(Operation.Range range, TimeSpan within)
    {
        var found = await CallAsync<RangeRequest, RangeResponse>(EtcdMethods.Range, new(_prefix.Operation(range)), within: within);
        Require(found.Header);
        return _prefix.Strip(found.Range);
    }

    /// <summary>The same as a transaction of one put, and less work for the server.</summary>
    private async Task<TransactionResult> PutAsync(Operation.Put put)
    {
        var done = await CallAsync<PutRequest, PutResponse>(EtcdMethods.Put, new(put), mayRepeat: false);
        Require(done.Header);
        return _prefix.Strip(new TransactionResult(true, [done.Put], done.Header.Revision));
    }

    private async Task<TransactionResult> SendAsync(Transaction transaction, bool mayRepeat)
    {
        var done = await CallAsync<TxnRequest, TxnResponse>(EtcdMethods.Txn, new(transaction), mayRepeat);
        Require(done.Header);
        return done.Result;
    }

    private async Task<TResponse> CallAsync<TRequest, TResponse>(string path, TRequest request, bool mayRepeat = true, TimeSpan? within = null)
        where TRequest : Codecs.Protobuf.IProtoMessage<TRequest>
        where TResponse : Codecs.Protobuf.IProtoMessage<TResponse>
    {
        try
        {
            return await _caller.CallAsync<TRequest, TResponse>(path, request, mayRepeat, within);
        }
        catch (GrpcException refused)
        {
            throw EtcdErrors.Translate(refused);
        }
    }

    /// <summary>The lease that marks of requests end with, so that they do not gather for ever.</summary>
    private async Task<LeaseId> MarksLeaseAsync()
    {
        if (_marks.Id == LeaseId.None || _clock.Now >= _marksUntil)
        {
            _marks = await GrantLeaseAsync(_options.RequestsKept * 2, CancellationToken.None);
            _marksUntil = _clock.Now + _options.RequestsKept;
        }

        return _marks.Id;
    }

    /// <summary>Another cluster's answer must never be taken for this one's: its revisions mean other things.</summary>
    private void Require(ResponseHeader header)
    {
        if (Cluster.Number == 0)
            Cluster = header.Cluster;
        if (header.Cluster != Cluster)
            throw new EtcdRefusedException($"a server answers for cluster {header.Cluster}, another for {Cluster}: the address names servers of two clusters");
    }
}
