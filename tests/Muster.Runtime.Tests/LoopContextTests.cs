using Muster.Primitives;

namespace Muster.Runtime.Tests;

public sealed class LoopContextTests
{
    [Fact]
    public void Everything_awaited_continues_on_the_loops_thread()
    {
        var threads = new List<int>();

        LoopContext.Run("test", async () =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            await Task.Yield();
            threads.Add(Environment.CurrentManagedThreadId);
            await Task.Run(() => { });
            threads.Add(Environment.CurrentManagedThreadId);
        });

        Assert.Equal([threads[0], threads[0], threads[0]], threads);
        Assert.Equal(Environment.CurrentManagedThreadId, threads[0]);
    }

    [Fact]
    public void Posts_run_in_the_order_they_were_made()
    {
        const int count = 10_000;
        var ran = new List<int>();

        LoopContext.Run("test", async () =>
        {
            var loop = SynchronizationContext.Current!;
            var last = new TaskCompletionSource();
            await Task.Run(() =>
            {
                for (var i = 0; i < count; i++)
                    loop.Post(n => ran.Add((int)n!), i);
                loop.Post(_ => last.SetResult(), null);
            });
            await last.Task;
        });

        Assert.Equal(Enumerable.Range(0, count), ran);
    }

    [Fact]
    public async Task A_failure_of_the_main_task_reaches_the_top_and_the_completion()
    {
        var reported = new TaskCompletionSource<(string, Exception)>();

        var loop = LoopContext.Start("agent", async () =>
        {
            await Task.Yield();
            Invariant.Require(1 > 2);
        }, (name, failure) => reported.SetResult((name, failure)));

        var (name, failure) = await reported.Task;
        Assert.Equal("agent", name);
        Assert.IsType<InvariantBrokenException>(failure);
        await Assert.ThrowsAsync<InvariantBrokenException>(() => loop.Completion);
    }

    [Fact]
    public void A_failure_of_anything_posted_ends_the_loop()
    {
        var endless = new TaskCompletionSource();

        var failure = Record.Exception(() => LoopContext.Run("test", () =>
        {
            SynchronizationContext.Current!.Post(_ => throw new InvalidOperationException("posted"), null);
            return endless.Task;
        }));

        Assert.Equal("posted", Assert.IsType<InvalidOperationException>(failure).Message);
    }

    [Fact]
    public void A_loop_that_does_not_keep_up_ends_by_name()
    {
        var limits = new LoopLimits { PostsMax = 10 };

        var failure = Record.Exception(() => LoopContext.Run("slow", () =>
        {
            for (var i = 0; i < 11; i++)
                SynchronizationContext.Current!.Post(_ => { }, null);
            return new TaskCompletionSource().Task;
        }, limits));

        Assert.Contains("'slow'", Assert.IsType<LoopOverflowException>(failure).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Posts_after_the_end_are_dropped()
    {
        SynchronizationContext? context = null;
        var loop = LoopContext.Start("short", () =>
        {
            context = SynchronizationContext.Current;
            return Task.CompletedTask;
        }, (_, _) => { });
        await loop.Completion;

        context!.Post(_ => throw new InvalidOperationException(), null);

        Assert.False(loop.IsCurrent);
    }

    [Fact]
    public void A_caller_elsewhere_is_told_so()
    {
        SynchronizationContext? loop = null;

        LoopContext.Run("test", () =>
        {
            loop = SynchronizationContext.Current;
            LoopContext.RequireOn(loop);
            return Task.CompletedTask;
        });

        Assert.Throws<InvariantBrokenException>(() => LoopContext.RequireOn(loop));
    }
}
