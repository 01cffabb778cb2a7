using System.CommandLine;
using System.Globalization;
using Muster.Cli.Sim;
using Muster.Cli.Sim.Pictures;

namespace Muster.Cli.Commands;

/// <summary>`muster sim sweep`: policies × rates × seeds.</summary>
internal static class SimSweepCommand
{
    public static Command Create()
    {
        var policies = new Option<string>("--policies") { Description = "Policies, with commas between.", DefaultValueFactory = _ => "fifo,fifo_perf,las,las_perf" };
        var rates = new Option<string>("--rates") { Description = "Rates, with commas between; LOW..HIGH/STEP for a range.", HelpName = "0.4..6.0/0.4", DefaultValueFactory = _ => "1,2,3" };
        var seeds = Seeds();
        var cores = new Option<int>("--cores") { Description = "Runs at a time.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var folder = new Option<string>("--out") { Description = "Keeps runs, pictures and report.html there; runs found there are not made again.", HelpName = "DIR", DefaultValueFactory = _ => "sweep" };
        var options = new SimOptions();
        var command = new Command("sweep", "Plays policies × rates × seeds on all cores; resumes where it was stopped.") { policies, rates, seeds, cores, folder };
        options.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            var setting = options.Read(parsed);
            var directory = parsed.GetValue(folder)!;
            Directory.CreateDirectory(directory);
            var sweep = new Sweep(setting, Path.Combine(directory, "runs.jsonl"));
            var rows = sweep.Run(
                parsed.GetValue(policies)!.Split(','), Rates(parsed.GetValue(rates)!), SimInput.Seeds(parsed.GetValue(seeds)!),
                Math.Clamp(parsed.GetValue(cores), 1, 1024), cancel);
            Write(directory, setting, rows);
            Print(rows);
            if (sweep.TakenOver > 0)
                Console.Error.WriteLine($"{sweep.TakenOver} of {rows.Count} runs were there already");
            Console.Error.WriteLine($"report: {Path.Combine(directory, "report.html")}");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    public static Option<string> Seeds() => new("--seeds") { Description = "Seeds of the workload: 0..9, or 0,1,5.", HelpName = "0..9", DefaultValueFactory = _ => "0..2" };

    private static double[] Rates(string text)
    {
        var found = new List<double>();
        foreach (var part in text.Split(','))
        {
            if (part.Split("..") is not [var low, var rest])
            {
                found.Add(SimInput.Rate(part));
                continue;
            }

            var ends = rest.Split('/');
            var (from, to, step) = (SimInput.Rate(low), SimInput.Rate(ends[0]), ends.Length == 2 ? SimInput.Rate(ends[1]) : 0);
            if (step <= 0 || to < from || (to - from) / step > 1000)
                throw new CliException(ExitCode.Usage, $"--rates '{part}': write LOW..HIGH/STEP such as 0.4..6.0/0.4");
            for (var i = 0; from + i * step <= to + step * 1e-6; i++)
                found.Add(Math.Round(from + i * step, 9));
        }

        return [.. found.Distinct().Order()];
    }

    private static void Write(string directory, SimSetting setting, IReadOnlyList<SweepRow> rows)
    {
        var (head, table) = SweepPictures.Table(rows);
        var averages = SweepPictures.Averages(rows);
        var utilisation = SweepPictures.Utilisation(rows);
        File.WriteAllText(Path.Combine(directory, "averages.svg"), averages);
        File.WriteAllText(Path.Combine(directory, "utilisation.svg"), utilisation);
        File.WriteAllText(Path.Combine(directory, "summary.csv"), SweepPictures.Csv(rows));
        var report = new Report("Policies against load", setting.ToString()).Picture(averages)
            .Section("Average JCT in hours").Note("Mean over seeds with its 95 % confidence interval; a cell with runs that did not finish says so and is in no curve.")
            .Table(head, table).Picture(utilisation);
        foreach (var rate in rows.Select(row => row.JobsPerHour).Distinct().Order())
        {
            var cdf = SweepPictures.Cdf(rows, rate);
            File.WriteAllText(Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"jct-cdf-{rate:0.##}.svg")), cdf);
            report.Picture(cdf);
        }

        var unfinished = rows.Where(row => row.AverageJctS is null).ToArray();
        if (unfinished.Length > 0)
            report.Section("Runs that did not finish").Table(
                ["policy", "jobs/h", "seed", "verdict", "why"],
                unfinished.Select(row => (string[])[row.Policy, row.JobsPerHour.ToString("0.##", CultureInfo.InvariantCulture), $"{row.Seed}", row.Verdict, row.VerdictText]));
        File.WriteAllText(Path.Combine(directory, "report.html"), report.ToString());
    }

    private static void Print(IReadOnlyList<SweepRow> rows)
    {
        var (head, table) = SweepPictures.Table(rows);
        TextTable.Write(Console.Out, head, table);
    }
}
