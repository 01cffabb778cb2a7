using System.CommandLine;
using Muster.Cli.Control;
using Muster.Cli.Show;

namespace Muster.Cli.Commands;

/// <summary>`muster logs`: what ranks printed.</summary>
internal static class LogsCommand
{
    private static readonly TimeSpan s_followEvery = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        var (job, output, data) = (CommonOptions.Job(), CommonOptions.Output(), CommonOptions.Data());
        var rank = new Option<string?>("--rank") { Description = "Only these ranks, such as 0,2.", HelpName = "R,R…" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on as they print, until the job is over." };
        var command = new Command("logs", "Prints what ranks printed, each line with its rank.") { job, rank, follow, output, data };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(job)!, parsed.GetValue(data), ParseRanks(parsed.GetValue(rank)), parsed.GetValue(follow), parsed.IsJson(output), cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        string job, string? data, SortedSet<int>? ranks, bool follow, bool json, CancellationToken cancel)
    {
        var layout = CommonOptions.Locate(job, data);
        var report = await JobReader.OneAsync(layout, job, cancel);
        var directory = report.View.OutputDirectory ?? layout.Output(job);
        if (!Directory.Exists(directory))
            throw new CliException(ExitCode.Usage, $"'{job}' has printed nothing yet: {directory} does not exist");
        var tails = new SortedDictionary<int, LogTail>();
        while (true)
        {
            Open(directory, ranks, tails);
            foreach (var tail in tails.Values)
                tail.Read((r, line) => Print(r, line, json));
            if (!follow || Summary.IsOver(report.View.Phase))
                break;
            await Task.Delay(s_followEvery, cancel);
            report = await JobReader.OneAsync(layout, job, cancel);
        }

        foreach (var tail in tails.Values)
            tail.Finish((r, line) => Print(r, line, json));
        return ExitCode.Done;
    }

    private static void Open(string directory, SortedSet<int>? ranks, SortedDictionary<int, LogTail> tails)
    {
        foreach (var file in Directory.GetFiles(directory, "rank-*.log"))
        {
            var name = Path.GetFileNameWithoutExtension(file)["rank-".Length..];
            if (int.TryParse(name, out var rank) && (ranks?.Contains(rank) ?? true) && !tails.ContainsKey(rank))
                tails.Add(rank, new LogTail(file, rank));
        }
    }

    private static void Print(int rank, string line, bool json)
    {
        if (json)
            Console.WriteLine($"{{\"rank\":{rank},\"line\":\"{System.Text.Json.JsonEncodedText.Encode(line)}\"}}");
        else
            Console.WriteLine($"{Style.Dim($"[{rank}]")} {line}");
    }

    private static SortedSet<int>? ParseRanks(string? text)
    {
        if (text is null)
            return null;
        var ranks = new SortedSet<int>();
        foreach (var word in text.Split(','))
        {
            if (!int.TryParse(word, out var rank) || rank < 0)
                throw new CliException(ExitCode.Usage, $"--rank {text}: '{word}' is not a rank; write numbers from 0, separated by commas");
            ranks.Add(rank);
        }

        return ranks;
    }
}
