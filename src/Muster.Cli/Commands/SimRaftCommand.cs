using System.CommandLine;
using Muster.Simulation.Raft;
using Muster.Simulation.Raft.Textbook;

namespace Muster.Cli.Commands;

/// <summary>`muster sim raft` and `muster sim election`: the real consensus core in virtual time.</summary>
internal static class SimRaftCommand
{
    public static Command Create()
    {
        var seed = new Option<ulong>("--seed") { Description = "The seed; the first one of --seeds.", DefaultValueFactory = _ => 1UL };
        var seeds = new Option<int>("--seeds") { Description = "How many seeds to run.", DefaultValueFactory = _ => 1 };
        var steps = new Option<long>("--steps") { Description = "Steps under faults.", DefaultValueFactory = _ => RaftRun.StepsDefault };
        var explain = new Option<bool>("--explain") { Description = "Tells what happened, in words." };
        var command = new Command("raft", "Runs a cluster under a seed's mix of faults; every law is checked after every step, and it must serve again.") { seed, seeds, steps, explain };
        command.SetAction(parsed => parsed.GetValue(explain)
            ? Explain(parsed.GetValue(seed), parsed.GetValue(steps))
            : Run(parsed.GetValue(seed), parsed.GetValue(seeds), parsed.GetValue(steps)));
        return command;
    }

    public static Command Election()
    {
        var seed = new Option<ulong>("--seed") { Description = "The seed.", DefaultValueFactory = _ => 1UL };
        var command = new Command("election", "Walks through the textbook's cases of elections on the real core.") { seed };
        command.SetAction(parsed =>
        {
            Console.WriteLine($"muster sim election --seed {parsed.GetValue(seed)}");
            Console.WriteLine();
            return ElectionLesson.Tell(parsed.GetValue(seed), Console.WriteLine) ? ExitCode.Done : ExitCode.ProgramFailed;
        });
        return command;
    }

    private static int Explain(ulong seed, long steps)
    {
        var result = RaftRun.Run(seed, steps, Console.WriteLine);
        Console.WriteLine(result.Broken is null
            ? $"seed {seed}: every law held in {result.Counts.Steps:N0} steps, {result.VirtualSeconds:0.0} virtual seconds; trace {result.Counts.Hash:x16}"
            : $"seed {seed}: broken: {result.Broken}");
        return result.Broken is null ? ExitCode.Done : ExitCode.ProgramFailed;
    }

    private static int Run(ulong seed, int seeds, long steps)
    {
        var campaign = RaftCampaign.Run(seed, seed + (ulong)Math.Max(1, seeds) - 1, steps);
        foreach (var failed in campaign.Failed)
            Console.WriteLine($"seed {failed.Seed}: broken: {failed.Broken}\n  replay: {failed.Replay}");
        Console.WriteLine($"{campaign.Seeds} seeds, {campaign.Steps:N0} steps, {campaign.VirtualSeconds:N0} virtual seconds");
        foreach (var line in campaign.Describe())
            Console.WriteLine("  " + line);
        return campaign.Failed.Count == 0 ? ExitCode.Done : ExitCode.ProgramFailed;
    }
}
