using System.Diagnostics;
using System.Globalization;
using Muster.Worker.Collectives;

// One rank of the all-reduce benchmark. Rank 0 prints one JSON line per size.
// Arguments: sizes ("64" MiB or "1024b" bytes). Environment: RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT, ITERS, WARMUP,
// BATCH, CHUNK, TRANSPORT.
var transport = Enum.Parse<CollectiveTransport>(Environment.GetEnvironmentVariable("TRANSPORT") ?? "Auto", ignoreCase: true);
var iterations = Number("ITERS", 12);
var warmUp = Number("WARMUP", 3);
var batch = Number("BATCH", 1);   // calls per timing: 1 also measures how ranks leave the barrier, more is calls back to back
var chunk = Number("CHUNK", new CollectiveOptions().ChunkBytes);
using var group = CollectiveGroup.Connect(
    CollectiveMembership.FromEnvironment(), new CollectiveOptions { Transport = transport, ChunkBytes = chunk });

foreach (var size in args)
{
    var bytes = size.EndsWith('b') ? long.Parse(size[..^1], CultureInfo.InvariantCulture) : (long)(double.Parse(size, CultureInfo.InvariantCulture) * (1 << 20));
    var data = new float[bytes / sizeof(float)];
    var seconds = new double[iterations];
    var processor = TimeSpan.Zero;
    for (var i = -warmUp; i < iterations; i++)
    {
        if (i == 0)
            processor = Environment.CpuUsage.TotalTime;
        Array.Fill(data, 1f);
        group.Barrier();
        var start = Stopwatch.GetTimestamp();
        for (var call = 0; call < batch; call++)
            group.AllReduce(data, ReduceOperation.Sum);
        if (i >= 0)
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds / batch;
        if (batch == 1 && (data[0] != group.WorldSize || data[^1] != group.WorldSize))
            throw new InvalidOperationException($"wrong sum {data[0]}, {data[^1]}");
    }

    if (group.Rank == 0)
        Console.WriteLine(FormattableString.Invariant(
            $"{{\"library\":\"muster\",\"transport\":\"{group.Transport}\",\"world\":{group.WorldSize},\"bytes\":{bytes},\"batch\":{batch},\"cpu\":{(Environment.CpuUsage.TotalTime - processor).TotalSeconds / iterations:R},\"seconds\":[{string.Join(',', seconds.Select(s => s.ToString("R", CultureInfo.InvariantCulture)))}]}}"));
}

static int Number(string name, int otherwise) =>
    int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
