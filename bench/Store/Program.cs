using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Muster.Bench.Store;
using Muster.Disk.Posix;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores.Embedded;

// Durable commits of the embedded store, by writers that each wait for their last one, beside a raw loop of write and fdatasync
// of as many bytes on the same disk, into a growing file and over one that is there already. Arguments: directory, seconds of each measurement, rounds. One JSON object a line.
var seconds = double.Parse(args[1], CultureInfo.InvariantCulture);
var rounds = int.Parse(args[2], CultureInfo.InvariantCulture);
for (var round = -1; round < rounds; round++)   // the first round warms up
{
    if (round % 2 == 0)
        Raw(round);
    foreach (var writers in (int[])[1, 64, 256])
        LoopContext.Run("store", () => WritersAsync(writers, round));
    if (round % 2 != 0)
        Raw(round);
}

void Raw(int round)
{
    RawLoop(round, grows: true);
    RawLoop(round, grows: false);
}

void RawLoop(int round, bool grows)
{
    var path = Path.Combine(args[0], "raw");
    var record = new byte[256];
    using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.None);
    const long existing = 16 << 20;
    if (!grows)
    {
        RandomAccess.Write(file, new byte[existing], 0);
        if (Native.DataSync(file) != 0)
            throw new IOException($"fdatasync of {path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    var (began, count) = (Stopwatch.GetTimestamp(), 0L);
    for (; Stopwatch.GetElapsedTime(began).TotalSeconds < seconds; count++)
    {
        RandomAccess.Write(file, record, grows ? count * record.Length : count * record.Length % existing);
        if (Native.DataSync(file) != 0)
            throw new IOException($"fdatasync of {path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    Tell(grows ? "growing" : "existing", 1, round, count, count, Stopwatch.GetElapsedTime(began));
}

async Task WritersAsync(int writers, int round)
{
    var directory = Path.Combine(args[0], $"store-{writers}-{round}");
    Directory.CreateDirectory(directory);
    using var volume = new PosixVolume(directory);
    using var store = await EmbeddedStore.OpenAsync(
        volume, EmbeddedStoreOptions.Default, new MonotonicClock(TimeProvider.System), new SeededRandom(1));
    using var stop = new CancellationTokenSource();
    var upkeep = store.RunAsync(stop.Token);
    var before = store.Counters;
    var began = Stopwatch.GetTimestamp();
    await Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
    {
        var key = ByteString.From($"/muster/jobs/bench/{writer:d4}");
        var value = new ByteString(new byte[128]);
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
            await store.TransactAsync(Transaction.Always(new Operation.Put(key, value)), null, default);
    }));
    var took = Stopwatch.GetElapsedTime(began);
    Tell("store", writers, round, store.Counters.Appends - before.Appends, store.Counters.Syncs - before.Syncs, took);
    await stop.CancelAsync();
    try
    {
        await upkeep;
    }
    catch (OperationCanceledException)
    {
        // Stopped, as asked.
    }
}

void Tell(string what, int writers, int round, long commits, long syncs, TimeSpan took)
{
    if (round >= 0)
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $$"""{"what": "{{what}}", "writers": {{writers}}, "commits": {{commits}}, "syncs": {{syncs}}, "seconds": {{took.TotalSeconds:0.0000}}}"""));
}
