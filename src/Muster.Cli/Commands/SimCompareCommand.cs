using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Muster.Cli.Sim;

namespace Muster.Cli.Commands;

/// <summary>`muster sim compare`: policies on the same workloads, seed by seed.</summary>
internal static class SimCompareCommand
{
    public static Command Create()
    {
        var policies = new Option<string>("--policies") { Description = "Policies, with commas between; the first is what others are compared with.", DefaultValueFactory = _ => "fifo,las_perf" };
        var (rate, seeds, output) = (SimOptions.Rate("1/h"), SimSweepCommand.Seeds(), CommonOptions.Output());
        var options = new SimOptions();
        var command = new Command("compare", "Plays policies on the same workloads and says how sure a difference is.") { policies, rate, seeds };
        options.AddTo(command);
        command.Add(output);
        command.SetAction((parsed, cancel) =>
        {
            var setting = options.Read(parsed);
            var rows = new Sweep(setting, null).Run(
                parsed.GetValue(policies)!.Split(','), [SimInput.Rate(parsed.GetValue(rate)!)], SimInput.Seeds(parsed.GetValue(seeds)!), Environment.ProcessorCount, cancel);
            var lines = rows.Select(row => row.Policy).Distinct().Select(policy => Line(policy, rows)).ToArray();
            if (parsed.IsJson(output))
                Console.WriteLine(Json(rows, lines));
            else
                Print(lines);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Compared Line(string policy, IReadOnlyList<SweepRow> rows)
    {
        var own = rows.Where(row => row.Policy == policy).OrderBy(row => row.Seed).ToArray();
        var first = rows.Where(row => row.Policy == rows[0].Policy).OrderBy(row => row.Seed).ToArray();
        // Pairs of the same workload: what differs between seeds drops out of the difference.
        var pairs = own.Zip(first).Where(pair => pair.First.AverageJctS is not null && pair.Second.AverageJctS is not null).ToArray();
        var wins = own.Count(row => row.AverageJctS is { } jct
            && rows.Where(other => other.Seed == row.Seed && other.Policy != policy).All(other => other.AverageJctS is not { } theirs || jct < theirs));
        return new Compared(
            policy, Statistics.Interval([.. own.Where(row => row.AverageJctS is not null).Select(row => row.AverageJctS!.Value / 3600)]),
            Statistics.Interval([.. pairs.Select(pair => (pair.First.AverageJctS!.Value - pair.Second.AverageJctS!.Value) / 3600)]),
            wins, own.Length, own.Count(row => row.AverageJctS is null), own.Average(row => row.Utilization));
    }

    private static void Print(Compared[] lines) => TextTable.Write(
        Console.Out, ["policy", "average JCT, h", $"against {lines[0].Policy}, h", "wins", "utilisation", "unfinished"],
        lines.Select(line => (string[])[
            line.Policy, Interval(line.Jct), line == lines[0] ? "–" : Interval(line.Difference), $"{line.Wins} of {line.Runs}",
            line.Utilization.ToString("P1", CultureInfo.InvariantCulture), line.Unfinished == 0 ? "–" : $"{line.Unfinished} runs"]));

    private static string Interval((double Mean, double Half) value) => double.IsNaN(value.Mean) ? "none finished"
        : double.IsNaN(value.Half) ? value.Mean.ToString("0.00", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{value.Mean:0.00} ± {value.Half:0.00}");

    private static string Json(IReadOnlyList<SweepRow> rows, Compared[] lines)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("policies");
            foreach (var line in lines)
            {
                json.WriteStartObject();
                json.WriteString("policy", line.Policy);
                Number(json, "average_jct_h", line.Jct.Mean);
                Number(json, "average_jct_95_h", line.Jct.Half);
                Number(json, "difference_h", line.Difference.Mean);
                Number(json, "difference_95_h", line.Difference.Half);
                json.WriteNumber("wins", line.Wins);
                json.WriteNumber("runs", line.Runs);
                json.WriteNumber("unfinished", line.Unfinished);
                json.WriteNumber("utilization", line.Utilization);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("runs");
            foreach (var row in rows)
                json.WriteRawValue(row.Line());
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsNaN(value))
            json.WriteNull(name);
        else
            json.WriteNumber(name, value);
    }

    private sealed record Compared(
        string Policy, (double Mean, double Half) Jct, (double Mean, double Half) Difference, int Wins, int Runs, int Unfinished, double Utilization);
}
