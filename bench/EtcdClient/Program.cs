using System.Diagnostics;
using System.Globalization;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores.Etcd;

// The load of `etcdctl check perf` by Muster's etcd client: clients that each wait for their last put, keys of 256 bytes, values of
// 1,024. Arguments: endpoints, clients, seconds. One JSON object.
var (clients, seconds) = (int.Parse(args[1], CultureInfo.InvariantCulture), double.Parse(args[2], CultureInfo.InvariantCulture));
LoopContext.Run("client", async () =>
{
    var chance = new SeededRandom((ulong)Stopwatch.GetTimestamp());
    using var store = await EtcdStore.OpenAsync(
        EtcdAddress.Parse($"etcd://{args[0]}?prefix=/muster-check-perf/"), EtcdStoreOptions.Default, new MonotonicClock(TimeProvider.System), chance);
    var value = new ByteString(new byte[1024]);
    var (clock, puts, slowest) = (Stopwatch.StartNew(), 0L, TimeSpan.Zero);

    async Task ClientAsync()
    {
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            var key = new byte[256];
            for (var i = 0; i < key.Length; i++)
                key[i] = (byte)('a' + chance.NextUInt64() % 26);
            var began = clock.Elapsed;
            await store.TransactAsync(Transaction.Always(new Operation.Put(new(key), value)), null, default);
            puts++;
            var took = clock.Elapsed - began;
            slowest = took > slowest ? took : slowest;
        }
    }

    await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => ClientAsync()));
    var elapsed = clock.Elapsed.TotalSeconds;
    var cpu = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{{\"puts\": {puts}, \"seconds\": {elapsed:F3}, \"slowest_ms\": {slowest.TotalMilliseconds:F1}, \"cpu_seconds\": {cpu:F2}}}"));
});
