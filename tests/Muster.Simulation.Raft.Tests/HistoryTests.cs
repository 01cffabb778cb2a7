using Muster.Primitives;
using Muster.Simulation.Raft.Histories;

namespace Muster.Simulation.Raft.Tests;

public class HistoryTests(ITestOutputHelper output)
{
    private const int Histories = 100;
    private const int OperationsMin = 1000;

    private static ulong Base => ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    private static int Scale => int.TryParse(Environment.GetEnvironmentVariable("MUSTER_SCALE"), out var scale) ? scale : 1;

    [Fact]
    public void What_clients_saw_could_have_happened_one_after_the_other()
    {
        var histories = new History[Histories * Scale];
        var refuted = new IReadOnlyList<Observed>?[histories.Length];

        Parallel.For(0, histories.Length, i =>
        {
            histories[i] = HistoryRun.Run(Base + (ulong)i, OperationsMin);
            refuted[i] = Linearizability.Refute(histories[i].Operations);
        });

        for (var i = 0; i < histories.Length; i++)
            Assert.True(refuted[i] is null, $"seed {histories[i].Seed}: {refuted[i]?.Count} operations that cannot be put in an order");
        Assert.All(histories, history => Assert.True(history.Operations.Count >= OperationsMin));
        Assert.All(histories, history => Assert.True(history.Overlapping >= 0.3, $"seed {history.Seed}: {history.Overlapping:P0} overlap"));
        Assert.True(histories.Count(history => history.HasFaults) * 2 >= histories.Length);
        Assert.All(histories, history => Assert.True(history.Operations.Select(one => one.Client).Distinct().Count() >= 8));
        output.WriteLine($"count: {histories.Length} histories, {histories.Sum(history => history.Operations.Count):N0} operations, linearizable; {histories.Average(history => history.Overlapping):P0} overlap");
    }

    [Fact]
    public void A_history_with_one_answer_changed_is_refuted()
    {
        const int wanted = 100;
        const int histories = 60;
        int changed = 0, caught = 0;
        for (var seed = Base; changed < wanted && seed < Base + histories; seed++)
        {
            var history = HistoryRun.Run(seed, 300);
            var random = new SeededRandom(seed);
            for (var i = 0; i < 20; i++)
            {
                // A value that nobody ever wrote. (One that had been replaced may have been written again, so that it proves nothing.)
                if (Change(history.Operations, random) is not { } wrong)
                    continue;
                changed++;
                caught += Linearizability.Refute(wrong) is null ? 0 : 1;
            }
        }

        Assert.True(changed >= wanted);
        Assert.Equal(changed, caught);
        output.WriteLine($"count: {caught} of {changed} wrong histories refuted");
    }

    [Fact]
    public void The_checker_agrees_with_trying_every_order()
    {
        int possible = 0, impossible = 0;
        for (var seed = Base; seed < Base + 3000; seed++)
        {
            var history = SmallHistory(new(seed));

            var refuted = Linearizability.Refute(history) is not null;

            Assert.True(AnyOrder(history, default) != refuted, $"seed {seed}");
            _ = refuted ? impossible++ : possible++;
        }

        Assert.True(possible >= 300 && impossible >= 300, $"{possible} possible, {impossible} impossible");
        output.WriteLine($"count: {possible} possible and {impossible} impossible small histories told apart as by trying every order");
    }

    private static List<Observed>? Change(IReadOnlyList<Observed> history, SeededRandom random)
    {
        var at = random.Next(history.Count);
        var observed = history[at];
        ClientResult? wrong = observed.Operation switch
        {
            ClientOperation.Get => new(true, 1_000_000),
            ClientOperation.GetBoth => observed.Result with { Other = 1_000_000 },
            _ => null,
        };
        return wrong is null ? null : [.. history.Select((one, i) => i == at ? one with { Result = wrong.Value } : one)];
    }

    private static List<Observed> SmallHistory(SeededRandom random) =>
    [
        .. Enumerable.Range(0, random.Next(2, 7)).Select(client =>
        {
            var called = random.Next(20);
            ClientOperation operation = random.Next(6) switch
            {
                0 => new ClientOperation.Put(random.Next(2), random.Next(1, 3), 0),
                1 => new ClientOperation.Swap(random.Next(2), random.Next(3), random.Next(2), random.Next(1, 3)),
                2 => new ClientOperation.GetBoth(0, 1),
                3 => new ClientOperation.Put(random.Next(2), random.Next(1, 3), 1),
                4 => random.Chance(0.5) ? new ClientOperation.Grant(1) : new ClientOperation.Revoke(1),
                _ => new ClientOperation.Get(random.Next(2)),
            };
            var reads = operation is ClientOperation.Get or ClientOperation.GetBoth;
            var result = reads
                ? new ClientResult(true, random.Next(3), operation is ClientOperation.GetBoth ? random.Next(3) : 0)
                : new(operation is ClientOperation.Put { Lease: 0 } || random.Chance(0.5));
            return new Observed(client, operation, called, called + 1 + random.Next(15), result);
        }),
    ];

    private static bool AnyOrder(IReadOnlyList<Observed> left, StoreModel store)
    {
        if (left.Count == 0)
            return true;
        foreach (var next in left)
        {
            // Nothing may come before what was answered before it was called.
            if (left.Any(other => other.Returned < next.Called))
                continue;
            var (result, after) = store.Do(next.Operation);
            if (result == next.Result && AnyOrder([.. left.Where(other => !ReferenceEquals(other, next))], after))
                return true;
        }

        return false;
    }
}
