using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;

namespace Muster.Conformance.Tests;

/// <summary>When a kept lease counts as lost, in virtual time, on a store that answers when a test says so.</summary>
public sealed class KeptLeaseTests
{
    private static readonly TimeSpan s_term = TimeSpan.FromSeconds(9);

    [Fact]
    public void It_is_lost_one_term_after_the_last_answered_keep_alive_was_sent_not_answered() => On(async (store, time, clock) =>
    {
        var lease = await KeptLease.GrantAsync(store, s_term, clock, default);
        await AdvanceAsync(time, TimeSpan.FromSeconds(3.2));          // sent now, answered 2 s later
        await AdvanceAsync(time, TimeSpan.FromSeconds(2));
        store.Answer(true);
        await AdvanceAsync(time, TimeSpan.FromSeconds(6.5));          // 8.5 s after it was sent

        Assert.True(lease.IsHeld);
        await AdvanceAsync(time, TimeSpan.FromSeconds(0.7));          // 9.2 s: the unanswered one counts for nothing
        Assert.True(lease.Lost.IsCompleted && !lease.IsHeld);
    });

    [Fact]
    public void An_unanswered_keep_alive_is_followed_by_another_soon() => On(async (store, time, clock) =>
    {
        var lease = await KeptLease.GrantAsync(store, s_term, clock, default);
        await AdvanceAsync(time, TimeSpan.FromSeconds(3.2));
        store.Fail();
        await AdvanceAsync(time, TimeSpan.FromSeconds(1));
        Assert.Equal(2, store.Asked);
        store.Answer(true);
        await AdvanceAsync(time, TimeSpan.FromSeconds(8));

        Assert.True(lease.IsHeld);
    });

    [Fact]
    public void A_store_that_says_it_is_gone_is_believed_at_once() => On(async (store, time, clock) =>
    {
        var lease = await KeptLease.GrantAsync(store, s_term, clock, default);
        await AdvanceAsync(time, TimeSpan.FromSeconds(3.2));
        store.Answer(false);

        await lease.Lost;
        Assert.False(lease.IsHeld);
    });

    [Fact]
    public void A_lease_let_go_is_asked_for_no_more() => On(async (store, time, clock) =>
    {
        var lease = await KeptLease.GrantAsync(store, s_term, clock, default);
        lease.Dispose();
        await AdvanceAsync(time, TimeSpan.FromSeconds(30));

        Assert.Equal(0, store.Asked);
    });

    private static void On(Func<SlowStore, HandTime, MonotonicClock, Task> claim) => LoopContext.Run("lease", () =>
    {
        var time = new HandTime();
        return claim(new SlowStore(), time, new MonotonicClock(time));
    });

    /// <summary>In steps, each with turns of the loop, as time passes for a process that is awake.</summary>
    private static async Task AdvanceAsync(HandTime time, TimeSpan by)
    {
        for (var left = by; left > TimeSpan.Zero; left -= TimeSpan.FromMilliseconds(100))
        {
            time.Advance(left < TimeSpan.FromMilliseconds(100) ? left : TimeSpan.FromMilliseconds(100));
            for (var i = 0; i < 8; i++)
                await Task.Yield();
        }
    }

    /// <summary>Only leases, and those only when told to.</summary>
    private sealed class SlowStore : IStore
    {
        private TaskCompletionSource<bool> _answer = new();

        public int Asked { get; private set; }

        public ClusterId Cluster => new(1);

        public void Answer(bool kept) => Interlocked.Exchange(ref _answer, new()).SetResult(kept);

        public void Fail() => Interlocked.Exchange(ref _answer, new()).SetException(new StoreUnavailableException("away"));

        public Task<GrantedLease> GrantLeaseAsync(TimeSpan term, CancellationToken cancel) => Task.FromResult(new GrantedLease(new(5), term));

        public Task<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancel)
        {
            Asked++;
            return _answer.Task;
        }

        public Task<TransactionResult> TransactAsync(Transaction transaction, RequestId? request, CancellationToken cancel) => throw new NotSupportedException();

        public Task<OperationResult.Range> RangeAsync(Operation.Range range, CancellationToken cancel) => throw new NotSupportedException();

        public Task RevokeLeaseAsync(LeaseId lease, CancellationToken cancel) => throw new NotSupportedException();

        public IDisposable OnChange(KeyRange keys, Action changed) => throw new NotSupportedException();
    }
}
