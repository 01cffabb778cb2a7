using System.Diagnostics;
using System.Globalization;
using Muster.Codecs.Keyspace;
using Muster.Keyspace;
using Muster.Primitives;

// How fast one machine applies and reads, on one thread: no disk, no network. Run in Release, by hand.
var keys = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
var limits = KeyspaceLimits.Default;
var random = new SeededRandom(1);
var order = Enumerable.Range(0, keys).ToArray();
for (var i = keys - 1; i > 0; i--)
{
    var j = random.Next(i + 1);
    (order[i], order[j]) = (order[j], order[i]);
}

var names = order.Select(i => ByteString.From($"/muster/jobs/bench/keys/{i:d9}")).ToArray();
var value = new ByteString(new byte[100 - names[0].Length]);
Console.WriteLine($"{keys:n0} keys of {names[0].Length} bytes with values of {value.Length}, .NET {Environment.Version}, {Environment.ProcessorCount} cores");

Measure("warm-up", keys / 10, () => Load(new(limits), names.AsSpan(0, keys / 10)));
var before = GC.GetTotalMemory(true);
var machine = new KeyspaceMachine(limits);
Measure("puts of new keys, random order", keys, () => Load(machine, names));
Console.WriteLine($"{"  memory kept, bytes per key",-44}{(GC.GetTotalMemory(true) - before) / keys,12:n0}");
Measure("puts over them, random order", keys, () => Load(machine, names));
Measure("puts of one key", keys, () =>
{
    for (var i = 0; i < keys; i++)
        Put(machine, names[0]);
});
Measure("compact all that", 2 * keys, () => machine.Apply(new Command.Compact(machine.Revision)));
Console.WriteLine($"{"  memory kept, bytes per key",-44}{(GC.GetTotalMemory(true) - before) / keys,12:n0}");
Measure("guarded transactions (compare, put)", keys / 2, () =>
{
    for (var i = 0; i < keys / 2; i++)
        machine.Apply(new Command.Transact(Transaction.When([Compare.CreatedAt(names[i], new(i + 2))], new Operation.Put(names[i], value))));
});
Measure("reads of one key", keys, () =>
{
    foreach (var name in names)
        machine.Read(new Operation.Range(KeyRange.Single(name)));
});
Measure("ranges of 100 of all, with count", 10_000, () =>
{
    for (var i = 0; i < 10_000; i++)
        machine.Read(new Operation.Range(new(names[i], KeyRange.All.End)) { Limit = 100 });
});
Measure("counts of random ranges", 100_000, () =>
{
    for (var i = 0; i < 100_000; i++)
        machine.Read(new Operation.Range(new(names[i], names[i + 1])) { CountOnly = true });
});
Measure("range over everything, per key", keys, () => machine.Read(new Operation.Range(KeyRange.All)));
KeyspaceImage image = null!;
Measure("image, per key", keys, () => image = machine.Image());
var chunks = new List<byte[]>();
Measure("snapshot written, per key", keys, () => chunks.AddRange(SnapshotCodec.Encode(image).Select(chunk => chunk.ToArray())));
Console.WriteLine($"{"  snapshot, MB",-44}{chunks.Sum(chunk => (long)chunk.Length) / 1_000_000,12:n0}");
Measure("snapshot read and restored, per key", keys, () =>
{
    var decoder = new SnapshotDecoder();
    chunks.ForEach(chunk => decoder.Add(chunk));
    KeyspaceMachine.Restore(decoder.Finish(), limits);
});
var hub = new WatchHub(limits);
var watches = Math.Min(100_000, keys);
Measure("watches opened on one key each", watches, () =>
{
    for (var i = 0; i < watches; i++)
        hub.Open(new(KeyRange.Single(names[i])), default, machine);
});
Measure("puts, noticed and delivered to them", watches, () =>
{
    for (var i = 0; i < watches; i++)
    {
        Put(machine, names[i]);
        hub.Notice(machine);
        while (hub.TryTakeReady(out var id))
            hub.Read(id, machine);
    }
});
var command = new Command.Transact(Transaction.Always(new Operation.Put(names[0], value)));
Measure("commands encoded and decoded", keys, () =>
{
    for (var i = 0; i < keys; i++)
        CommandCodec.Decode(CommandCodec.Encode(command));
});

void Load(KeyspaceMachine target, ReadOnlySpan<ByteString> which)
{
    foreach (var name in which)
        Put(target, name);
}

void Put(KeyspaceMachine target, ByteString name) =>
    target.Apply(new Command.Transact(Transaction.Always(new Operation.Put(name, value))));

static void Measure(string what, int count, Action run)
{
    GC.Collect();
    var clock = Stopwatch.StartNew();
    run();
    var seconds = clock.Elapsed.TotalSeconds;
    Console.WriteLine($"{what,-44}{count / seconds,12:n0} /s{seconds * 1e9 / count,12:n0} ns{seconds,9:n2} s");
}
