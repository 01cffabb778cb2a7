using System.CommandLine;
using Muster.Simulation.Raft.Textbook;

namespace Muster.Cli.Commands;

/// <summary>What clusters of each size survive.</summary>
internal static class QuorumCommand
{
    private const int VotersMax = 99;

    public static Command Create()
    {
        var nodes = new Option<string>("--nodes") { Description = "How many voters: a number or a range.", DefaultValueFactory = _ => "2..9" };
        var command = new Command("quorum", "Prints for each number of servers what a majority is, what it survives, and why even numbers buy nothing.") { nodes };
        command.SetAction(parsed => Print(parsed.GetValue(nodes)!));
        return command;
    }

    private static int Print(string range)
    {
        var ends = range.Split("..");
        if (ends.Length > 2 || !int.TryParse(ends[0], out var from) || !int.TryParse(ends[^1], out var to) || from < 1 || to < from || to > VotersMax)
            throw new CliException(ExitCode.Usage, $"--nodes {range}: a number or a range from 1 to {VotersMax} is needed, such as 2..9");
        foreach (var line in QuorumTable.Lines(from, to))
            Console.WriteLine(line);
        return ExitCode.Done;
    }
}
