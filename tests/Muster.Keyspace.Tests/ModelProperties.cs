using Muster.Keyspace.Tests.Oracle;
using Muster.Primitives;

namespace Muster.Keyspace.Tests;

public sealed class ModelProperties(ITestOutputHelper output)
{
    private const int Cases = 20_000;
    private const int CommandsPerCase = 24;

    [Fact]
    public void Every_answer_is_the_naive_stores()
    {
        var reach = new Reach();

        for (var i = 0; i < Cases; i++)
        {
            var seed = Seeds.First + (ulong)i;
            Seeds.Named(seed, () => RunCase(seed, reach));
        }

        output.WriteLine($"distribution: {reach}");
        Assert.True(reach.Share("then", "else") is >= 0.3 and <= 0.7, reach.ToString());
        Assert.True(reach.Share("nested then", "nested else") is >= 0.3 and <= 0.7, reach.ToString());
        foreach (var refusal in Enum.GetValues<StoreRefusal>().Except(NotReachedHere))
            Assert.True(reach.Count(refusal.ToString()) > 0, $"{refusal} was never reached: {reach}");
    }

    // Users, roles and alarms have properties of their own.
    private static readonly StoreRefusal[] NotReachedHere =
    [
        StoreRefusal.RequestTooLarge, StoreRefusal.SpaceExceeded,
        .. Enum.GetValues<StoreRefusal>().Where(refusal => refusal >= StoreRefusal.TooManyRequests),
    ];

    private static void RunCase(ulong seed, Reach reach)
    {
        var random = new SeededRandom(seed);
        var programs = new Programs(random);
        var limits = KeyspaceLimits.Default;
        var machine = new KeyspaceMachine(limits);
        var naive = new NaiveStore();
        for (var step = 0; step < CommandsPerCase; step++)
        {
            var command = programs.Command(naive.Revision, naive.Compacted);
            var result = machine.Apply(command);
            Assert.Equal(Expected(naive, command), Facts.Of(result));
            reach.Saw(command, result);
            var range = programs.Range(naive.Revision);
            var (refusal, found) = naive.Read(range);
            Assert.Equal(refusal is { } r ? StoreRefusals.Text(r) : Facts.Of(found!), Facts.Of(machine.Read(range)));
            reach.Saw(refusal is null ? "read" : refusal.ToString()!);
            if (random.Chance(0.04))
                machine = Reborn(machine, limits);
        }

        Assert.Equal(naive.Revision, machine.Revision.Number);
        Assert.Equal(naive.Leases, machine.Leases().ToDictionary(lease => lease.Lease.Number, lease => lease.Seconds));
        foreach (var (lease, _) in naive.Leases)
            Assert.Equal(naive.KeysOf(lease), machine.Lease(new(lease))!.Keys.Select(NaiveStore.Text));
        for (var at = Math.Max(1, naive.Compacted); at <= naive.Revision; at++)
        {
            var everything = new Operation.Range(KeyRange.All) { At = new(at) };
            Assert.Equal(Facts.Of(naive.Read(everything).Result!), Facts.Of(machine.Read(everything)));
        }
    }

    private static KeyspaceMachine Reborn(KeyspaceMachine machine, KeyspaceLimits limits)
    {
        var reborn = KeyspaceMachine.Restore(machine.Image(), limits);
        Assert.Equal(machine.StateHash(), reborn.StateHash());
        Assert.Equal(machine.SpaceUsed, reborn.SpaceUsed);
        Assert.Equal(machine.KeyCount, reborn.KeyCount);
        return reborn;
    }

    private static string Expected(NaiveStore naive, Command command)
    {
        switch (command)
        {
            case Command.Transact(var transaction):
                return Facts.Of(naive.Transact(transaction));
            case Command.GrantLease(var lease, var seconds):
                return naive.Grant(lease.Number, seconds) is { } refused
                    ? StoreRefusals.Text(refused)
                    : new CommandResult.Granted(lease, naive.Leases[lease.Number], new(naive.Revision)).ToString();
            case Command.RevokeLease(var lease):
                var (refusal, deleted) = naive.Revoke(lease.Number);
                return refusal is { } r ? StoreRefusals.Text(r) : new CommandResult.Revoked(deleted, new(naive.Revision)).ToString();
            case Command.Compact(var at):
                return naive.Compact(at.Number) is { } compacted
                    ? StoreRefusals.Text(compacted)
                    : new CommandResult.Compacted(new(naive.Revision)).ToString();
            default:
                throw new ArgumentOutOfRangeException(nameof(command));
        }
    }
}
