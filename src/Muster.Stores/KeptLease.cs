using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Stores;

/// <summary>A lease that is kept alive, through reconnections, until it is let go or lost.</summary>
/// <remarks>
/// It counts as lost one term after the last keep-alive that was answered had been *sent*: the store may have started the term any
/// time after that, so that earlier it cannot have ended, and later it may have. Runs on one loop.
/// </remarks>
public sealed class KeptLease : IDisposable
{
    private readonly IStore _store;
    private readonly MonotonicClock _clock;
    private readonly Inbox<Instant> _ticks = new("kept lease");
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private readonly TimeSpan _term;
    private Instant _sent;
    private Instant _tried;
    private bool _asking;

    private KeptLease(IStore store, GrantedLease lease, MonotonicClock clock, Instant sent)
    {
        (_store, _clock, _term, Id) = (store, clock, lease.Term, lease.Id);
        (_sent, _tried) = (sent, sent);
    }

    /// <summary>Its id.</summary>
    public LeaseId Id { get; }

    /// <summary>Whether it holds, as far as anybody here can know.</summary>
    public bool IsHeld => !_lost.Task.IsCompleted && _clock.Now - _sent < _term;

    /// <summary>Completes when it is lost.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Grants a lease and keeps it.</summary>
    /// <param name="store">Where.</param>
    /// <param name="term">Wished length; a third of it passes between two keep-alives.</param>
    /// <param name="clock">This process's clock.</param>
    /// <param name="cancel">Honoured until the request is handed over.</param>
    /// <exception cref="StoreUnavailableException">Nobody answered; a lease that was granted all the same ends by itself.</exception>
    public static async Task<KeptLease> GrantAsync(IStore store, TimeSpan term, MonotonicClock clock, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(clock);
        var sent = clock.Now;
        var kept = new KeptLease(store, await store.GrantLeaseAsync(term, cancel), clock, sent);
        kept.Run();
        return kept;
    }

    /// <summary>Keeps it alive no more; its keys stay until its term is over, or it is revoked.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private async void Run()
    {
        var end = _end.Token;
        using var ticker = Ticker.Start(_clock, TimeSpan.FromMilliseconds(Math.Max(1, _term.TotalMilliseconds / 50)), _ticks, now => now);
        try
        {
            while (!_lost.Task.IsCompleted && await _ticks.WaitToReadAsync(end))
            {
                while (_ticks.TryRead(out _))
                {
                }

                var now = _clock.Now;
                if (now - _sent >= _term)
                    _lost.TrySetResult();
                else if (!_asking && now - _tried >= (_tried == _sent ? _term / 3 : _term / 12))
                    Ask(now);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Beside the ticks: a store that does not answer must not hide that time passes.</summary>
    private async void Ask(Instant now)
    {
        (_asking, _tried) = (true, now);
        try
        {
            if (await _store.KeepAliveAsync(Id, CancellationToken.None))
                _sent = now;
            else
                _lost.TrySetResult();
        }
        catch (StoreUnavailableException)
        {
            // Asked again soon; what was sent is not counted, since nobody said that it arrived.
        }

        _asking = false;
    }
}
