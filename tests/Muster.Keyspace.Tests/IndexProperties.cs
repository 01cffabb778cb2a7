using Muster.Primitives;

namespace Muster.Keyspace.Tests;

/// <summary>The ordered index at sizes where its nodes divide, empty and merge.</summary>
public sealed class IndexProperties
{
    [Theory]
    [InlineData(1, 3_000, 40_000)]
    [InlineData(2, 20_000, 40_000)]
    [InlineData(3, 300, 40_000)]
    public void Ranges_counts_and_old_revisions_are_those_of_a_sorted_map(int stream, int keys, int steps)
    {
        var seed = Seeds.First * 1_000 + (ulong)stream;
        Seeds.Named(seed, () =>
        {
            var run = new Run(new(seed), keys);

            for (var step = 0; step < steps; step++)
                run.Step(step, deleting: step / 5_000 % 2 == 1);

            run.CheckAll();
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Keys_in_order_fill_the_index_and_deleting_them_empties_it(bool descending)
    {
        var machine = new KeyspaceMachine(KeyspaceLimits.Default);
        const int Keys = 10_000;

        for (var i = 0; i < Keys; i++)
            machine.Apply(new Command.Transact(Transaction.Always(new Operation.Put(Key(descending ? Keys - i : i), default))));
        Assert.Equal(Keys, machine.KeyCount);
        machine.Apply(new Command.Transact(Transaction.Always(new Operation.Delete(KeyRange.All))));
        machine.Apply(new Command.Compact(machine.Revision));

        Assert.Equal(0, machine.KeyCount);
        Assert.Equal(0, machine.SpaceUsed);
        Assert.Empty(machine.Image().Base);
    }

    private static ByteString Key(int number) => ByteString.From($"/a/long/prefix/that/all/share/{number:d9}");

    private sealed class Run(SeededRandom random, int keys)
    {
        private readonly KeyspaceMachine _machine = new(KeyspaceLimits.Default);
        private readonly SortedDictionary<ByteString, long> _now = [];
        private readonly List<(long Revision, SortedDictionary<ByteString, long> Keys)> _kept = [];

        public void Step(int step, bool deleting)
        {
            var key = Pick();
            var delete = random.Chance(deleting ? 0.8 : 0.2);
            Operation operation = delete ? new Operation.Delete(KeyRange.Single(key)) : new Operation.Put(key, ByteString.From($"{step}"));
            _machine.Apply(new Command.Transact(Transaction.Always(operation)));
            if (delete)
                _now.Remove(key);
            else
                _now[key] = step;
            if (step % 2_000 == 1_999)
                _kept.Add((_machine.Revision.Number, new(_now)));
            if (step % 7_000 == 6_999)
                Compact();
            if (step % 50 == 0)
                Check();
        }

        public void CheckAll()
        {
            foreach (var (revision, was) in _kept)
                Check(was, new(new KeyRange(KeyRange.All.Start, KeyRange.All.End)) { At = new(revision) });
            var reborn = KeyspaceMachine.Restore(_machine.Image(), KeyspaceLimits.Default);
            Assert.Equal(_machine.StateHash(), reborn.StateHash());
            Assert.Equal(_machine.SpaceUsed, reborn.SpaceUsed);
        }

        private void Compact()
        {
            var at = _kept[random.Next(_kept.Count)].Revision;
            _machine.Apply(new Command.Compact(new(at)));
            _kept.RemoveAll(kept => kept.Revision < at);
        }

        private void Check()
        {
            var (start, end) = (Pick(), random.Chance(0.1) ? KeyRange.All.End : Pick());
            Check(_now, new(new KeyRange(start, end)) { Limit = random.Chance(0.5) ? random.Next(1, 100) : 0 });
            if (_kept.Count == 0)
                return;
            var (revision, was) = random.Pick(_kept);
            Check(was, new(new KeyRange(start, end)) { At = new(revision), Limit = random.Next(100) });
        }

        private void Check(SortedDictionary<ByteString, long> was, Operation.Range range)
        {
            var expected = was.Where(pair => range.Keys.Contains(pair.Key)).ToList();
            var limit = range.Limit == 0 ? expected.Count : (int)range.Limit;
            var found = Assert.IsType<ReadOutcome.Found>(_machine.Read(range)).Range;
            Assert.Equal(expected.Count, found.Count);
            Assert.Equal(expected.Count > limit, found.More);
            Assert.Equal(
                expected.Take(limit).Select(pair => (pair.Key, pair.Value.ToString())),
                found.Keys.Select(key => (key.Key, key.Value.ToString())));
            var counted = Assert.IsType<ReadOutcome.Found>(_machine.Read(range with { CountOnly = true })).Range;
            Assert.Equal(expected.Count, counted.Count);
        }

        // Some share a long prefix, some differ in the first byte, some are prefixes of others.
        private ByteString Pick()
        {
            var number = random.Next(keys);
            return (number % 4) switch
            {
                0 => Key(number),
                1 => ByteString.From($"{number}"),
                2 => new([(byte)(number >> 8), (byte)number, .. new byte[number % 3]]),
                _ => ByteString.From("/a/long/prefix/that/all/share/000"[..(number % 33 + 1)] + number / 33),
            };
        }
    }
}
