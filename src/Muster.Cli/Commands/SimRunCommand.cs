using System.CommandLine;
using System.Globalization;
using Muster.Cli.Sim;
using Muster.Cli.Sim.Pictures;
using Muster.Scheduling.Simulating;

namespace Muster.Cli.Commands;

/// <summary>`muster sim run`: one workload, one policy.</summary>
internal static class SimRunCommand
{
    public static Command Create()
    {
        var policy = new Option<string>("--policy") { Description = "A policy; `muster sim policies` lists them.", DefaultValueFactory = _ => "las_perf" };
        var seed = new Option<string>("--seed") { Description = "Seed of the workload.", HelpName = "N", DefaultValueFactory = _ => "0" };
        var (rate, output) = (SimOptions.Rate("1/h"), CommonOptions.Output());
        var folder = SimOptions.Out("Writes result.json, jobs.csv, pictures and report.html there.");
        var options = new SimOptions();
        var command = new Command("run", "Plays one workload under one policy.") { policy, seed, rate };
        options.AddTo(command);
        command.Add(folder);
        command.Add(output);
        command.SetAction((parsed, _) =>
        {
            var setting = options.Read(parsed);
            var recorder = new RunRecorder(setting.Cluster, parsed.GetValue(folder) is not null);
            var result = setting.Run(
                parsed.GetValue(policy)!, SimInput.Seed(parsed.GetValue(seed)!, "--seed"), SimInput.Rate(parsed.GetValue(rate)!), recorder);
            recorder.End(result.EndSeconds);
            if (parsed.GetValue(folder) is { } directory)
                Write(directory, setting, result, recorder);
            if (parsed.IsJson(output))
                Console.WriteLine(ResultText.Json(result));
            else
                foreach (var line in ResultText.Lines(result))
                    Console.WriteLine(line);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static void Write(string directory, SimSetting setting, SimulationResult result, RunRecorder recorder)
    {
        Directory.CreateDirectory(directory);
        var pictures = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["jct-cdf.svg"] = RunPictures.JctCdf([result]),
            ["utilisation.svg"] = RunPictures.OverTime(recorder),
            ["queue.svg"] = RunPictures.Queue(recorder),
            ["timeline.svg"] = RunPictures.Timeline(recorder, setting.Cluster),
            ["time-spent.svg"] = RunPictures.TimeSpent(recorder),
        };
        foreach (var (name, svg) in pictures)
            File.WriteAllText(Path.Combine(directory, name), svg);
        File.WriteAllText(Path.Combine(directory, "result.json"), ResultText.Json(result) + "\n");
        File.WriteAllText(Path.Combine(directory, "jobs.csv"), ResultText.Csv(result));
        var report = new Report($"{result.Policy}: {result.Verdict.Word}", setting.ToString())
            .Note(string.Join(" · ", ResultText.Lines(result).Skip(1).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))));
        if (result.Verdict is not Verdict.Finished)
            report.Section("Why it did not finish").Note(result.Verdict.Text);
        foreach (var name in (string[])["jct-cdf.svg", "utilisation.svg", "queue.svg", "timeline.svg", "time-spent.svg"])
            report.Picture(pictures[name]);
        report.Section("Longest jobs of the window").Table(
            ["job", "model", "GPUs", "arrived, h", "waited, h", "JCT, h"],
            result.Window.Where(job => job.JctSeconds is not null).OrderByDescending(job => job.JctSeconds).Take(15).Select(job => (string[])[
                $"{job.Id}", job.Model, $"{job.ScaleFactor}", Hours(job.ArrivalSeconds), Hours(job.FirstPlacedSeconds - job.ArrivalSeconds), Hours(job.JctSeconds)]));
        File.WriteAllText(Path.Combine(directory, "report.html"), report.ToString());
    }

    private static string Hours(double? seconds) => seconds is { } value ? (value / 3600).ToString("0.00", CultureInfo.InvariantCulture) : "–";
}
