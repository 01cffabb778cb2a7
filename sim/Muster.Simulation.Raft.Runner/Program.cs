using System.Diagnostics;
using Muster.Simulation.Raft;

// --seeds FROM:TO [--steps N] [--all]   runs seeds, TO excluded, until one fails; --explain SEED tells one in words.
string? Value(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
var steps = long.Parse(Value("--steps") ?? RaftRun.StepsDefault.ToString());
if (Value("--explain") is { } seed)
{
    var told = RaftRun.Run(ulong.Parse(seed), steps, Console.WriteLine);
    Console.WriteLine(told.Broken is null ? "every law held" : $"broken: {told.Broken}");
    return told.Broken is null ? 0 : 1;
}

var range = (Value("--seeds") ?? "1:501").Split(':').Select(ulong.Parse).ToArray();
var clock = Stopwatch.StartNew();
var campaign = RaftCampaign.Run(range[0], range[1] - 1, steps, args.Contains("--all"));
foreach (var failed in campaign.Failed)
    Console.WriteLine($"seed {failed.Seed}: broken: {failed.Broken}\n  replay: {failed.Replay}");
Console.WriteLine($"{campaign.Seeds} seeds, {campaign.Steps:N0} steps, {campaign.VirtualSeconds:N0} virtual s in {clock.Elapsed.TotalSeconds:0.0} s");
foreach (var line in campaign.Describe())
    Console.WriteLine("  " + line);
return campaign.Failed.Count == 0 ? 0 : 1;
