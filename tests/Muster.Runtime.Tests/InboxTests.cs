using Muster.Primitives;

namespace Muster.Runtime.Tests;

public sealed class InboxTests
{
    [Fact]
    public void A_loop_reads_what_other_threads_post_in_each_ones_order()
    {
        const int writers = 4, each = 5_000;
        var inbox = new Inbox<(int Writer, int Number)>("test", writers * each);
        var read = new List<(int Writer, int Number)>();

        LoopContext.Run("test", async () =>
        {
            var threads = Enumerable.Range(0, writers).Select(w => Task.Run(() =>
            {
                for (var i = 0; i < each; i++)
                    inbox.Post((w, i));
            })).ToList();
            while (read.Count < writers * each && await inbox.WaitToReadAsync())
                while (inbox.TryRead(out var item))
                    read.Add(item);
            await Task.WhenAll(threads);
        });

        foreach (var writer in read.GroupBy(item => item.Writer))
            Assert.Equal(Enumerable.Range(0, each), writer.Select(item => item.Number));
    }

    [Fact]
    public void A_full_inbox_refuses_what_may_be_dropped()
    {
        var inbox = new Inbox<int>("test", 2);

        var taken = new[] { inbox.TryPost(1), inbox.TryPost(2), inbox.TryPost(3) };

        Assert.Equal([true, true, false], taken);
        Assert.Equal(2, inbox.Count);
    }

    [Fact]
    public void A_full_inbox_ends_the_loop_by_name_when_nothing_may_be_lost()
    {
        var inbox = new Inbox<int>("exits", 2);
        var read = new List<int>();
        for (var i = 0; i < 3; i++)
            inbox.Post(i);

        var failure = Record.Exception(() => LoopContext.Run("test", async () =>
        {
            while (await inbox.WaitToReadAsync())
                while (inbox.TryRead(out var item))
                    read.Add(item);
        }));

        Assert.Equal("exits", Assert.IsType<InboxFullException>(failure).Inbox);
        Assert.Equal([0, 1], read);
    }

    [Fact]
    public void A_completed_inbox_is_read_to_its_end()
    {
        var inbox = new Inbox<int>("test", 8);
        inbox.Post(7);
        inbox.Complete();
        var read = new List<int>();

        LoopContext.Run("test", async () =>
        {
            while (await inbox.WaitToReadAsync())
                while (inbox.TryRead(out var item))
                    read.Add(item);
        });

        Assert.Equal([7], read);
        Assert.False(inbox.TryPost(8));
    }

    [Fact]
    public void Ticks_carry_the_time_and_stop_when_disposed()
    {
        var time = new ManualTime();
        var clock = new MonotonicClock(time);
        var inbox = new Inbox<Instant>("ticks", 2);

        var ticker = Ticker.Start(clock, TimeSpan.FromSeconds(1), inbox, now => now);
        for (var i = 0; i < 3; i++)
            time.Advance(TimeSpan.FromSeconds(1));
        ticker.Dispose();
        Assert.True(inbox.TryRead(out var first));
        Assert.True(inbox.TryRead(out var second));
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((Instant.FromSeconds(1), Instant.FromSeconds(2)), (first, second));
        Assert.Equal(0, inbox.Count);   // the third was dropped, the fourth never made
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _now;
        private Action? _tick;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _tick = () => callback(state);
            return new Stop(() => _tick = null);
        }

        public void Advance(TimeSpan by)
        {
            _now += by.Ticks;
            _tick?.Invoke();
        }

        private sealed class Stop(Action stop) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose() => stop();

            public ValueTask DisposeAsync()
            {
                stop();
                return default;
            }
        }
    }
}
