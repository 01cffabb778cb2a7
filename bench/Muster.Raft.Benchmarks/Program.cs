using System.Diagnostics;
using System.Globalization;
using Muster.Raft;
using Muster.Raft.Benchmarks;
using Muster.Simulation.Raft;

// What a step of the core costs in steady replication, without checkers, and how fast the simulation runs with them. One thread.
var quick = args.Contains("--quick");
var entries = quick ? 50_000 : 1_000_000;
Console.WriteLine($".NET {Environment.Version}, {Environment.ProcessorCount} cores");
foreach (var batch in (int[])[1, 16, 64])
{
    new SteadyCluster(members: 3).Replicate(entries / 10, batch);
    var cluster = new SteadyCluster(members: 3);
    var (allocated, clock) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
    cluster.Replicate(entries, batch);
    var seconds = clock.Elapsed.TotalSeconds;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"3 members, {batch,3} entries a proposal: {seconds * 1e9 / cluster.Steps,6:0} ns a step with its Ready, {seconds * 1e9 / entries,6:0} ns an entry on all three, "
        + $"{(GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)entries,6:0} bytes an entry"));
}

var seeds = quick ? 20 : 400;
var watch = Stopwatch.StartNew();
long steps = 0;
double seconds3 = 0;
for (var seed = 1; seed <= seeds; seed++)
{
    var result = RaftRun.RunOfThree((ulong)seed);
    steps += result.Counts.Steps;
    seconds3 += result.VirtualSeconds;
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"simulation of 3 members, faults and all laws on: {steps / watch.Elapsed.TotalSeconds,9:0} steps/s, {seconds3 / watch.Elapsed.TotalSeconds,5:0} times real time"));
