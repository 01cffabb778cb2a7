using Muster.Jobs.Records;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;

namespace Muster.Server.Coordination;

/// <summary>Becoming the coordinator, and staying it: one leased key per candidate, the lowest create revision leads.</summary>
internal sealed class Candidacy(IStore store, MonotonicClock clock, string server, ServerOptions options)
{
    private LeaseId _lease;
    private Instant _renewed;

    /// <summary>Name of the key whose existence, with the token's revision, is leadership.</summary>
    public ByteString Key => JobKeys.Candidate(_lease);

    /// <summary>Name of the server that leads while this one waits; null when this one leads.</summary>
    public string? Ahead { get; private set; }

    /// <summary>Stands, and waits until no older candidate is left.</summary>
    /// <returns>The token of this leadership.</returns>
    public async Task<FencingToken> WinAsync(CancellationToken stopping)
    {
        await RemoveDeadAsync(stopping);
        _renewed = clock.Now;
        _lease = (await store.GrantLeaseAsync(options.LeadershipTerm, stopping)).Id;
        var stood = await store.TransactAsync(
            Transaction.When([Compare.Absent(Key)], new Operation.Put(Key, ByteString.From(server), _lease)), null, stopping);
        Invariant.Require(stood.Succeeded);
        while (true)
        {
            var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var watch = store.OnChange(KeyRange.Prefix(JobKeys.Elections), () => changed.TrySetResult());
            var candidates = (await CandidatesAsync(stopping)).OrderBy(candidate => candidate.Created).ToList();
            if (candidates.All(candidate => candidate.Key != Key))
                throw new LeadershipLostException("the lease ended while waiting to lead");
            Ahead = candidates[0].Key == Key ? null : candidates[0].Value.ToString();
            if (Ahead is null)
                return new FencingToken(store.Cluster, candidates[0].Created);
            await changed.Task.WaitAsync(options.LeadershipTerm / 3, clock.Time, stopping).ContinueOnTimeout();
            await KeepAsync(clock.Now, stopping);
        }
    }

    /// <summary>Keeps the lease alive when a third of its term has passed.</summary>
    /// <exception cref="LeadershipLostException">The lease has ended: this process must decide nothing more.</exception>
    public async Task KeepAsync(Instant now, CancellationToken stopping)
    {
        if (now - _renewed < options.LeadershipTerm / 3)
            return;
        // Counted from before the request was sent: the store may have started the term any time after.
        var sent = clock.Now;
        var left = options.LeadershipTerm - (sent - _renewed);
        try
        {
            if (!await store.KeepAliveAsync(_lease, stopping).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock.Time, stopping))
                throw new LeadershipLostException("its lease has ended");
            _renewed = sent;
        }
        catch (Exception away) when (away is StoreUnavailableException or TimeoutException)
        {
            if (clock.Now - _renewed >= options.LeadershipTerm)
                throw new LeadershipLostException($"its lease may have ended: {away.Message}");
        }
    }

    /// <summary>Whoever holds a server's data directory knows that its predecessors are dead; a sole server's are all there were.</summary>
    private async Task RemoveDeadAsync(CancellationToken stopping)
    {
        foreach (var candidate in await CandidatesAsync(stopping))
        {
            if (!options.IsSoleServer && candidate.Value != ByteString.From(server))
                continue;
            if (candidate.Lease != LeaseId.None)
                await store.RevokeLeaseAsync(candidate.Lease, stopping);
            else
                await store.TransactAsync(Transaction.Always(new Operation.Delete(KeyRange.Single(candidate.Key))), null, stopping);
        }
    }

    private async Task<IEnumerable<KeyValue>> CandidatesAsync(CancellationToken stopping) =>
        (await store.RangeAsync(new Operation.Range(KeyRange.Prefix(JobKeys.Elections)), stopping)).Keys;
}

/// <summary>This process leads no more; it ends, and starts again as a candidate.</summary>
public sealed class LeadershipLostException(string detail) : Exception($"no longer the coordinator: {detail}");
