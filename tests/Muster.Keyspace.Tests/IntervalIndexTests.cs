using Muster.Keyspace.Watches;
using Muster.Primitives;

namespace Muster.Keyspace.Tests;

public sealed class IntervalIndexTests
{
    [Fact]
    public void A_key_finds_exactly_the_intervals_around_it()
    {
        for (var i = 0; i < 200; i++)
        {
            var seed = Seeds.First + (ulong)i;
            Seeds.Named(seed, () =>
            {
                var random = new SeededRandom(seed);
                var index = new IntervalIndex();
                var open = new List<(KeyRange Range, WatchId Watch)>();
                for (var step = 1; step <= 300; step++)
                {
                    if (open.Count > 0 && random.Chance(0.4))
                    {
                        var gone = random.Pick(open);
                        index.Remove(gone.Range, gone.Watch);
                        open.Remove(gone);
                    }
                    else
                    {
                        var range = Range(random);
                        index.Add(range, new(step));
                        open.Add((range, new(step)));
                    }

                    var key = Key(random);
                    var found = new List<WatchId>();
                    index.Visit(key, found.Add);
                    Assert.Equal(open.Where(o => o.Range.Contains(key)).Select(o => o.Watch).Order(), found.Order());
                }
            });
        }
    }

    [Fact]
    public void One_write_wakes_the_watches_that_want_it_and_no_other()
    {
        const int Watches = 50_000;
        var machine = new KeyspaceMachine(KeyspaceLimits.Default);
        var hub = new WatchHub(KeyspaceLimits.Default);
        for (var i = 0; i < Watches; i++)
            hub.Open(new(KeyRange.Single(ByteString.From($"key/{i}"))), default, machine);
        hub.Open(new(KeyRange.Prefix("key/4999")), default, machine);

        machine.Apply(new Command.Transact(Transaction.Always(new Operation.Put(ByteString.From("key/49999"), default))));
        hub.Notice(machine);

        var woken = 0;
        while (hub.TryTakeReady(out var id))
        {
            Assert.IsType<WatchDelivery.Events>(hub.Read(id, machine));
            woken++;
        }

        Assert.Equal(2, woken);
        Assert.Equal(Watches + 1, hub.Count);
    }

    private static ByteString Key(SeededRandom random) => ByteString.From($"{(char)('a' + random.Next(5))}{random.Next(12)}");

    private static KeyRange Range(SeededRandom random)
    {
        var (one, other) = (Key(random), Key(random));
        return random.Next(4) switch
        {
            0 => KeyRange.Single(one),
            1 => new(one, KeyRange.All.End),
            2 => KeyRange.Prefix(one),
            _ => one.CompareTo(other) < 0 ? new(one, other) : KeyRange.Single(other),
        };
    }
}
