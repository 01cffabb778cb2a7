using Muster.Codecs.Etcd;
using Muster.Etcd.Tests.Servers;
using Muster.Keyspace;
using Muster.Keyspace.Tests;
using Muster.Primitives;
using Muster.Stores.Embedded;

namespace Muster.Etcd.Tests.Watching;

/// <summary>
/// The nine things a watch promises: ordered, unique, atomic, reliable, resumable, bookmarkable; previous value, is-create and filter
/// right. Under lost connections and compaction.
/// </summary>
public sealed class WatchPropertyTests(ITestOutputHelper output)
{
    private const int Writers = 4, WritesEach = 3_000, Watchers = 12, Keys = 20, CompactEvery = 60, HistoryKept = 20;

    [Fact]
    public async Task A_watch_keeps_its_nine_promises_under_reconnects_and_compaction()
    {
        using var place = new Workplace();
        await using var server = await ServedStore.StartAsync(
            place["store"], EmbeddedStoreOptions.Default with { HistoryRevisions = long.MaxValue / 4 }, progressEvery: TimeSpan.FromMilliseconds(20));
        var random = new SeededRandom(Seeds.First);
        var (history, last) = (new History(), new TaskCompletionSource<long>());
        var watchers = Enumerable.Range(0, Watchers).Select(_ => new Watcher(server.Address, Filter(random), random.Split())).ToList();

        var watching = Task.WhenAll(watchers.Select(watcher => Task.Run(() => watcher.RunAsync(last.Task))));
        await await Task.WhenAny(watching, Task.WhenAll(Enumerable.Range(0, Writers).Select(i => WriteAsync(server.Address, history, random.Split(), i))));
        using var client = new EtcdClient(server.Address);
        last.SetResult((await client.RangeAsync(KeyRange.Single(ByteString.From("none")))).Header.Revision.Number);
        await watching;

        foreach (var watcher in watchers)
            Check(watcher, history);
        output.WriteLine($"count: {watchers.Sum(w => w.Told.Count)} events to {Watchers} watchers over {watchers.Sum(w => w.Reconnects)} connections, "
            + $"{watchers.Sum(w => w.Bookmarks)} bookmarks, {watchers.Sum(w => w.Missed.Count)} compacted under them");
        Assert.True(watchers.Sum(w => w.Bookmarks) > 20 && watchers.Sum(w => w.Reconnects) > 100 && watchers.Sum(w => w.Missed.Count) > 5);
    }

    private static WatchFilter Filter(SeededRandom random) => new(random.Next(4) switch
    {
        0 => KeyRange.All,
        1 => KeyRange.Prefix("k1"),
        2 => KeyRange.Single(ByteString.From($"k{random.Next(Keys)}")),
        _ => new(ByteString.From("k12"), ByteString.From("k5")),
    })
    {
        NoPuts = random.Chance(0.2),
        NoDeletes = random.Chance(0.2),
        ReturnPrevious = random.Chance(0.6),
    };

    private static async Task WriteAsync(Uri server, History history, SeededRandom random, int writer)
    {
        using var client = new EtcdClient(server);
        for (var i = 0; i < WritesEach; i++)
        {
            var key = $"k{random.Next(Keys)}";
            switch (random.Next(4))
            {
                case 0 when await client.DeleteAsync(key) is { Delete.Count: > 0 } deleted:
                    history.Add(deleted.Header.Revision, (key, null));
                    break;
                case 1:
                    (string Key, string? Value)[] many = [($"k{random.Next(6)}", $"{writer}/{i}"), ($"k{6 + random.Next(6)}", $"{writer}/{i}"), ($"k{12 + random.Next(6)}", "")];
                    var done = await client.TransactAsync(Transaction.Always(
                        [.. many.Select(put => new Operation.Put(ByteString.From(put.Key), ByteString.From(put.Value!)))]));
                    history.Add(done.Header.Revision, many);
                    break;
                default:
                    history.Add((await client.PutAsync(key, $"{writer}:{i}")).Header.Revision, (key, $"{writer}:{i}"));
                    break;
            }

            if (writer == 0 && i % CompactEvery == CompactEvery - 1)
                await CompactAsync(client, history);
        }
    }

    private static async Task CompactAsync(EtcdClient client, History history)
    {
        var now = (await client.PutAsync("other", "")).Header.Revision;
        history.Add(now, ("other", ""));
        var oldest = now.Number - HistoryKept;
        history.Compacted(oldest);
        await client.CompactAsync(new(oldest));
    }

    /// <summary>Everything of its range was told once and in order, but for what was compacted before it could be.</summary>
    private static void Check(Watcher watcher, History history)
    {
        var expected = history.Of(watcher.Filter).Where(e => !watcher.Missed.Any(missed => e.Revision >= missed.From && e.Revision < missed.Until)).ToList();
        Assert.Equal(expected.Count, watcher.Told.Count);
        foreach (var (want, got) in expected.Zip(watcher.Told))
        {
            // The oldest revision that can be read has nothing before it: neither for who was told of the compaction nor for who came back just there.
            var atEdge = history.WasOldest(want.Revision);
            Assert.Equal(atEdge && got.Previous is null ? want with { Previous = null } : want, got);
        }
    }
}
