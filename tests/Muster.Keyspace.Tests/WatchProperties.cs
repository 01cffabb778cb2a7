using Muster.Keyspace.Tests.Oracle;
using Muster.Primitives;

namespace Muster.Keyspace.Tests;

/// <summary>Ordered, unique, atomic, reliable, resumable, bookmarkable; previous value, is-create and filters right.</summary>
public sealed class WatchProperties(ITestOutputHelper output)
{
    private const int Cases = 4_000;
    private const int CommandsPerCase = 40;

    [Fact]
    public void A_watch_delivers_what_the_naive_store_recorded()
    {
        var reach = new Reach();

        for (var i = 0; i < Cases; i++)
        {
            var seed = Seeds.First + (ulong)i;
            Seeds.Named(seed, () => new Run(new(seed), reach).All());
        }

        output.WriteLine($"distribution: {reach}");
        foreach (var what in new[] { "batch", "nothing", "compacted", "resumed", "bookmark", "previous", "create", "delete", "filtered" })
            Assert.True(reach.Count(what) >= 1_000, $"{what} was hardly reached: {reach}");
    }

    private sealed class Run(SeededRandom random, Reach reach)
    {
        private readonly KeyspaceLimits _limits = new()
        {
            WatchBatchBytesMax = random.Pick([1, 300, 1_000_000]),
            WatchEventsScannedMax = random.Pick([1, 3, 1_000]),
        };

        private readonly NaiveStore _naive = new();
        private readonly List<Watcher> _watchers = [];
        private KeyspaceMachine _machine = null!;
        private WatchHub _hub = null!;

        public void All()
        {
            _machine = new(_limits);
            _hub = new(_limits);
            var programs = new Programs(random);
            for (var step = 0; step < CommandsPerCase; step++)
            {
                Apply(programs.Command(_naive.Revision, _naive.Compacted));
                if (random.Chance(0.8))
                    _hub.Notice(_machine);
                if (random.Chance(0.3))
                    Open(programs);
                if (random.Chance(0.5))
                    Serve(random.Next(4));
                if (random.Chance(0.05))
                    Replace();
            }

            _hub.Notice(_machine);
            Serve(int.MaxValue);
            foreach (var watcher in _watchers)
                CheckComplete(watcher);
        }

        private void Apply(Command command)
        {
            if (command is Command.Compact)
                _hub.Notice(_machine);
            var refused = _machine.Apply(command) is CommandResult.Refused;
            switch (command)
            {
                case Command.Transact(var transaction):
                    Assert.Equal(refused, _naive.Transact(transaction).Refusal is not null);
                    break;
                case Command.GrantLease(var lease, var seconds):
                    _naive.Grant(lease.Number, seconds);
                    break;
                case Command.RevokeLease(var lease):
                    _naive.Revoke(lease.Number);
                    break;
                case Command.Compact(var at):
                    _naive.Compact(at.Number);
                    break;
            }
        }

        private void Open(Programs programs)
        {
            var filter = new WatchFilter(random.Chance(0.3) ? KeyRange.All : programs.Keys())
            {
                NoPuts = random.Chance(0.15),
                NoDeletes = random.Chance(0.15),
                ReturnPrevious = random.Chance(0.5),
            };
            var start = random.Chance(0.4) ? 0 : random.Next((int)_naive.Revision + 4);
            if (_hub.Open(filter, new(start), _machine) is not WatchOpened.Open open)
            {
                Assert.True(filter.Keys.IsEmpty);
                return;
            }

            Assert.Equal(_naive.Revision, open.At.Number);
            var from = start == 0 ? _naive.Revision + 1 : start;
            _watchers.Add(new(open.Watch, filter, from));
        }

        private void Serve(int most)
        {
            for (; most > 0 && _hub.TryTakeReady(out var id); most--)
            {
                if (random.Chance(0.2))
                {
                    _hub.Resume(id);             // its reader was busy: later
                    continue;
                }

                var watcher = _watchers.Single(watcher => watcher.Id == id && !watcher.Closed);
                Deliver(watcher, _hub.Read(id, _machine));
                CheckProgress(watcher);
            }
        }

        private void Deliver(Watcher watcher, WatchDelivery delivery)
        {
            switch (delivery)
            {
                case WatchDelivery.Events(var changes, var at):
                    reach.Saw("batch");
                    Assert.NotEmpty(changes);
                    Assert.True(at >= changes[^1].Key.Modified);
                    // Atomic: no revision is continued in a later batch.
                    Assert.True(watcher.Got.Count == 0 || watcher.Got[^1].Key.Modified < changes[0].Key.Modified);
                    watcher.CompactedWhenRead.AddRange(changes.Select(_ => _naive.Compacted));
                    watcher.Got.AddRange(changes);
                    break;
                case WatchDelivery.Compacted(var oldest):
                    reach.Saw("compacted");
                    Assert.Equal(_naive.Compacted, oldest.Number);
                    watcher.Closed = true;
                    break;
                default:
                    reach.Saw("nothing");
                    break;
            }
        }

        // Bookmark: everything at or before the progress was delivered, so a new watch from there loses and repeats nothing.
        private void CheckProgress(Watcher watcher)
        {
            if (watcher.Closed || _hub.Progress(watcher.Id) is not { } progress)
                return;
            reach.Saw("bookmark");
            Assert.True(watcher.Got.Count == 0 || watcher.Got[^1].Key.Modified <= progress);
            Assert.Equal(Expected(watcher).Count(e => e.Revision <= progress.Number), watcher.Got.Count);
            if (!random.Chance(0.2))
                return;
            reach.Saw("resumed");
            Assert.True(_hub.Close(watcher.Id));
            var next = Math.Max(watcher.From, progress.Number + 1);
            var open = Assert.IsType<WatchOpened.Open>(_hub.Open(watcher.Filter, new(next), _machine));
            watcher.Id = open.Watch;
        }

        private void CheckComplete(Watcher watcher)
        {
            if (watcher.Closed)
            {
                // Reported, never skipped: what came before is a prefix.
                Assert.Equal(Expected(watcher).Take(watcher.Got.Count).Select(e => Facts.Of(e.Now)), watcher.Got.Select(e => Facts.Of(e.Key)));
                return;
            }

            Assert.True(_hub.IsSynced(watcher.Id));
            var expected = Expected(watcher).ToList();
            Assert.Equal(expected.Select(e => Facts.Of(e.Now)), watcher.Got.Select(e => Facts.Of(e.Key)));
            for (var i = 0; i < expected.Count; i++)
                CheckEvent(watcher, i, expected[i]);
        }

        private void CheckEvent(Watcher watcher, int index, (long Revision, KeyValue Now, KeyValue? Before) expected)
        {
            var got = watcher.Got[index];
            Assert.Equal(expected.Now.Version.Number == 0, got.IsDelete);
            if (!got.IsDelete)
                Assert.Equal(expected.Now.Version.Number == 1, got.IsCreate);
            var readable = expected.Revision > watcher.CompactedWhenRead[index];
            var previous = watcher.Filter.ReturnPrevious && readable && !got.IsCreate ? expected.Before : null;
            Assert.Equal(Facts.Of(previous), Facts.Of(got.Previous));
            reach.Saw(got.IsDelete ? "delete" : got.IsCreate ? "create" : "change");
            if (previous is not null)
                reach.Saw("previous");
        }

        private IEnumerable<(long Revision, KeyValue Now, KeyValue? Before)> Expected(Watcher watcher)
        {
            foreach (var recorded in _naive.Events)
            {
                if (recorded.Revision < watcher.From || !watcher.Filter.Keys.Contains(recorded.Now.Key))
                    continue;
                if (recorded.Now.Version.Number == 0 ? watcher.Filter.NoDeletes : watcher.Filter.NoPuts)
                    reach.Saw("filtered");
                else
                    yield return recorded;
            }
        }

        // The machine is replaced by its snapshot; the hub goes on.
        private void Replace()
        {
            reach.Saw("replaced");
            _machine = KeyspaceMachine.Restore(_machine.Image(), _limits);
        }
    }

    private sealed class Watcher(WatchId id, WatchFilter filter, long from)
    {
        public WatchId Id { get; set; } = id;

        public WatchFilter Filter { get; } = filter;

        public long From { get; } = from;

        public List<WatchEvent> Got { get; } = [];

        public List<long> CompactedWhenRead { get; } = [];

        public bool Closed { get; set; }
    }
}
