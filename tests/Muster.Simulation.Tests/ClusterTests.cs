using System.Collections.Concurrent;
using System.Globalization;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Tests;

/// <summary>The whole system in virtual time: store, coordinator, agent, keepers and fake ranks, with faults and then peace.</summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    private const int SeedsPerChange = 2_000;
    private const int ReplayedSeeds = 12;
    private const int CanarySeedsMax = 600;

    /// <summary>What each of these seeds found is fixed; they stay for good.</summary>
    public static TheoryData<ulong> SeedsThatFoundBugs => [1, 18, 180, 192544433687698];

    private static ulong SeedBase => ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    private static int Scale => int.TryParse(Environment.GetEnvironmentVariable("MUSTER_SCALE"), NumberStyles.None, CultureInfo.InvariantCulture, out var scale) ? scale : 1;

    [Fact]
    public void Every_law_holds_in_every_seed_and_every_job_completes_once_nothing_fails()
    {
        var seeds = SeedsPerChange * Scale;

        var results = Run(seeds);

        var failures = results.Where(result => result.Failure is not null).OrderBy(result => result.Seed).ToList();
        PrintReached(results);
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(5).Select(failure =>
            $"{failure.Failure}\n  replay: dotnet run --project sim/Muster.Simulation.Runner -- --explain {failure.Seed}")));
        Assert.True(results.Count >= SeedsPerChange);
        foreach (var (what, least) in ClusterFloors.PerThousandSeeds)
        {
            var times = results.Sum(result => result.Reached.Where(reached => reached.Key.StartsWith(what, StringComparison.Ordinal)).Sum(reached => reached.Value));
            Assert.True(times * 1000 >= (long)least * seeds, $"'{what}' was reached {times} times in {seeds} seeds, at least {least} in 1,000 are wanted: fix the generator");
        }
    }

    [Theory]
    [MemberData(nameof(SeedsThatFoundBugs))]
    public void A_seed_that_found_a_bug_holds(ulong seed) => Assert.Null(ClusterRun.Run(seed).Failure);

    [Fact]
    public void A_seed_gives_the_same_trace_of_the_whole_system_in_another_process()
    {
        var seeds = Enumerable.Range(0, ReplayedSeeds).Select(i => SeedBase + (ulong)i).ToList();

        var here = seeds.Select(seed => ClusterRun.Run(seed).Trace.ToString(CultureInfo.InvariantCulture)).ToList();
        var there = ReplayTests.TracesFromAnotherProcess("--cluster", seeds);

        Assert.Equal(here, there);
    }

    [Theory]
    [InlineData(PlantedFaults.SilentDamage)]
    [InlineData(PlantedFaults.WrongSum)]
    public void A_planted_fault_is_found(string plant)
    {
        for (var i = 0; i < CanarySeedsMax; i++)
        {
            if (ClusterRun.Run(SeedBase + (ulong)i, plant).Failure is not { } failure)
                continue;
            output.WriteLine($"{plant} found by seed {i + 1}: {failure}");
            return;
        }

        Assert.Fail($"{CanarySeedsMax} seeds did not find {plant}: the checkers do not bite");
    }

    /// <summary>One world per thread; worlds share nothing.</summary>
    private static List<ClusterResult> Run(int seeds)
    {
        var results = new ConcurrentBag<ClusterResult>();
        var next = -1;
        var threads = Enumerable.Range(0, Math.Min(Environment.ProcessorCount, 8)).Select(_ => new Thread(() =>
        {
            while (Interlocked.Increment(ref next) is var i && i < seeds)
                results.Add(ClusterRun.Run(SeedBase + (ulong)i));
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return [.. results];
    }

    private void PrintReached(List<ClusterResult> results)
    {
        output.WriteLine($"{results.Count} seeds from {SeedBase}, {results.Sum(result => result.Virtual.TotalHours):0.0} h of virtual time, "
            + $"{results.Sum(result => result.Records)} trace records");
        foreach (var what in results.SelectMany(result => result.Reached).GroupBy(reached => reached.Key, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            output.WriteLine($"{what.Sum(reached => reached.Value),9} times in {what.Count(),6} seeds: {what.Key}");
    }
}
