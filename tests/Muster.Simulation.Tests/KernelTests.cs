using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Tests;

public sealed class KernelTests
{
    private readonly List<string> _seen = [];

    [Fact]
    public void Time_passes_only_for_those_who_wait()
    {
        var world = new SimulatedWorld(1);
        world.AddHost("a").Start("p", async process =>
        {
            var clock = new MonotonicClock(process.Time);
            await Task.Delay(TimeSpan.FromHours(1000), process.Time);
            using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), process.Time);
            for (var i = 0; i < 3; i++)
                await timer.WaitForNextTickAsync();
            using var cancel = new CancellationTokenSource(TimeSpan.FromMinutes(5), process.Time);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new TaskCompletionSource().Task.WaitAsync(cancel.Token));
            _seen.Add(clock.Now.ToString());
            return 0;
        });

        world.RunFor(TimeSpan.FromHours(2000));

        Assert.Equal(["3600480s"], _seen);   // 1000 h + 3 min + 5 min
    }

    [Fact]
    public void A_drifting_clock_shifts_timers_and_a_wall_step_does_not()
    {
        var world = new SimulatedWorld(1);
        var host = world.AddHost("a");
        host.Clock.Drift(2);
        var process = host.Start("p", async process =>
        {
            await Task.Delay(TimeSpan.FromSeconds(10), process.Time);
            _seen.Add($"{world.Now.TotalSeconds} true, {process.Time.GetTimestamp() / TimeSpan.TicksPerSecond} shown");
            await Task.Delay(TimeSpan.FromSeconds(10), process.Time);
            _seen.Add($"{world.Now.TotalSeconds} true");
            return 0;
        });
        var before = process.Time.GetUtcNow();

        world.RunFor(TimeSpan.FromSeconds(5));
        host.Clock.StepWall(TimeSpan.FromDays(-400));
        host.Clock.Drift(0.5);   // in the middle of the second wait
        world.RunFor(TimeSpan.FromSeconds(25));

        Assert.Equal(["5 true, 10 shown", "25 true"], _seen);
        Assert.True(process.Time.GetUtcNow() < before);
    }

    [Fact]
    public void The_reading_pattern_of_loops_stays_on_the_simulations_thread()
    {
        var world = new SimulatedWorld(1);
        var thread = Environment.CurrentManagedThreadId;
        var inbox = new Inbox<int>("test", 100);
        var read = new List<int>();
        var host = world.AddHost("a");
        host.Start("p", async process =>
        {
            while (await inbox.WaitToReadAsync())
                while (inbox.TryRead(out var item))
                {
                    Assert.Equal(thread, Environment.CurrentManagedThreadId);
                    read.Add(item);
                }

            return 0;
        });

        for (var i = 0; i < 100; i++)
        {
            var item = i;
            world.After(TimeSpan.FromMilliseconds(i / 3), () => inbox.Post(item));
        }

        world.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(Enumerable.Range(0, 100), read);
    }

    [Fact]
    public void A_continuation_from_another_thread_fails_the_run_by_name()
    {
        var world = new SimulatedWorld(7);
        world.AddHost("a").Start("leaky", process =>
        {
            var context = SynchronizationContext.Current!;
            var foreign = new Thread(() => context.Post(_ => _seen.Add("ran"), null));
            foreign.Start();
            foreign.Join();
            return Task.FromResult(0);
        });

        var failure = Assert.Throws<SimulationException>(() => world.RunFor(TimeSpan.FromSeconds(1)));

        Assert.Contains("seed 7", failure.Message, StringComparison.Ordinal);
        Assert.Equal("a/leaky#1", Assert.IsType<ForeignContinuationException>(failure.InnerException).Process);
        Assert.Empty(_seen);
    }

    [Fact]
    public void A_seam_called_from_another_thread_fails_the_run_by_name()
    {
        var world = new SimulatedWorld(7);
        world.AddHost("a").Start("leaky", process =>
        {
            Exception? thrown = null;
            var foreign = new Thread(() => thrown = Record.Exception(() => process.Transport.Connect("tcp:a:1")));
            foreign.Start();
            foreign.Join();
            Assert.IsType<ForeignContinuationException>(thrown);
            return Task.FromResult(0);
        });

        Assert.Throws<SimulationException>(() => world.RunFor(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Every_effect_is_a_crash_point_and_nothing_after_it_happens()
    {
        const int effects = 6;
        for (var crash = 1; crash <= effects + 1; crash++)
        {
            _seen.Clear();
            var world = new SimulatedWorld(1, new SimulationOptions { Crashes = CrashPlan.Before("a/p#1", crash) });
            var process = world.AddHost("a").Start("p", async process =>
            {
                for (var i = 1; i <= effects; i++)
                {
                    if (process.Effect($"effect {i}"))
                        _seen.Add($"{i}");
                    else
                        await process.Never;
                    await Task.Yield();
                }

                return 0;
            });

            world.RunFor(TimeSpan.FromSeconds(1));

            Assert.Equal(Enumerable.Range(1, crash - 1).Select(i => $"{i}"), _seen);
            Assert.Equal(crash <= effects ? new ExitStatus(0, 9) : new ExitStatus(0, 0), process.Status);
        }
    }

    [Fact]
    public void What_a_dead_process_still_runs_touches_nothing()
    {
        var world = new SimulatedWorld(1);
        var host = world.AddHost("a");
        world.Programs["child"] = _ => Task.FromResult(_seen.Count);
        var process = host.Start("p", async process =>
        {
            using var timer = process.Time.CreateTimer(_ => _seen.Add("timer"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromSeconds(1.5), process.Time);
            process.Kill();
            process.Write(new byte[1]);
            process.Transport.Listen("tcp:a:1", _ => { }).Dispose();
            process.Transport.Connect("tcp:a:1").TrySend(new byte[1]);
            process.Processes.Start(new ProcessStart { Command = ["child"], WorkingDirectory = "/", Environment = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty }, null!);
            await Task.Yield();
            _seen.Add("continued");
            return 0;
        });

        world.RunFor(TimeSpan.FromSeconds(10));

        Assert.Equal(["timer"], _seen);
        Assert.Equal((0, true), (process.Effects, process.IsDead));
        Assert.Empty(host.Table.Living);
    }

    [Fact]
    public void A_broken_invariant_fails_the_run_with_its_seed_and_a_refusing_disk_only_ends_the_process()
    {
        var calm = new SimulatedWorld(3);
        var process = calm.AddHost("a").Start("p", _ => throw new VolumeException("sync", "wal/1", VolumeError.Device, "EIO"));
        calm.RunFor(TimeSpan.FromSeconds(1));
        var world = new SimulatedWorld(4);
        world.AddHost("a").Start("p", async process =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), process.Time);
            Invariant.Require(process.IsDead);
            return 0;
        });

        var failure = Assert.Throws<SimulationException>(() => world.RunFor(TimeSpan.FromSeconds(2)));

        Assert.Equal(6, process.Status!.Value.Signal);
        Assert.Contains("seed 4 at 1.000000 s", failure.Message, StringComparison.Ordinal);
        Assert.Contains("a/p#1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_that_spins_without_time_fails_the_run()
    {
        var world = new SimulatedWorld(1, new SimulationOptions { StepsPerInstantMax = 1000 });
        world.AddHost("a").Start("p", async _ =>
        {
            while (true)
                await Task.Yield();
        });

        var failure = Assert.Throws<SimulationException>(() => world.RunFor(TimeSpan.FromSeconds(1)));

        Assert.Contains("spins", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_paused_process_finds_its_timers_late_and_goes_on()
    {
        var world = new SimulatedWorld(1);
        var process = world.AddHost("a").Start("p", async process =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), process.Time);
            _seen.Add($"{world.Now.TotalSeconds}");
            return 0;
        });

        process.Pause(TimeSpan.FromSeconds(60));
        world.RunFor(TimeSpan.FromSeconds(100));

        Assert.Equal(["61"], _seen);   // it only began to wait when it ran
    }

    [Fact]
    public void A_condition_is_waited_for_in_virtual_time()
    {
        var world = new SimulatedWorld(1);
        world.After(TimeSpan.FromDays(1), () => _seen.Add("day"));

        var soon = world.RunUntil(() => _seen.Count > 0, TimeSpan.FromHours(1));
        var later = world.RunUntil(() => _seen.Count > 0, TimeSpan.FromDays(2));

        Assert.Equal((false, true, TimeSpan.FromDays(1)), (soon, later, world.Now));
    }
}
