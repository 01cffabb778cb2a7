using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Control;
using Muster.Cli.Show;
using Muster.Codecs.Control;

namespace Muster.Cli.Commands;

/// <summary>Commands that look at jobs.</summary>
internal static class JobCommands
{
    private static readonly TimeSpan s_watchEvery = TimeSpan.FromMilliseconds(500);

    public static Command Ps()
    {
        var (output, data) = (CommonOptions.Output(), CommonOptions.Data());
        var command = new Command("ps", "Lists the jobs of this directory.") { output, data };
        command.SetAction(async (parsed, cancel) =>
        {
            var layouts = parsed.GetValue(data) is { } directory ? [new Data.DataLayout(directory)] : Data.DataLayout.All().ToArray();
            var reports = new List<JobReport>();
            foreach (var layout in layouts)
                reports.AddRange(await JobReader.AllAsync(layout, cancel));
            if (parsed.IsJson(output))
                Console.WriteLine(JsonSerializer.Serialize(new JobList([.. reports.Select(r => r.View)]), ControlJson.Default.JobList));
            else
                JobTable.Write(Console.Out, reports);
            return ExitCode.Done;
        });
        return command;
    }

    public static Command Status()
    {
        var (job, output, data) = (CommonOptions.Job(), CommonOptions.Output(), CommonOptions.Data());
        var watch = new Option<bool>("--watch", "-w") { Description = "Shows it again as it changes, until it is over." };
        var command = new Command("status", "Shows where a job stands.") { job, output, data, watch };
        command.SetAction(async (parsed, cancel) =>
        {
            var layout = CommonOptions.Locate(parsed.GetValue(job)!, parsed.GetValue(data));
            while (true)
            {
                var report = await JobReader.OneAsync(layout, parsed.GetValue(job)!, cancel);
                if (parsed.IsJson(output))
                    Console.WriteLine(JsonSerializer.Serialize(report, ControlJson.Default.JobReport));
                else
                    WriteStatus(report);
                if (!parsed.GetValue(watch) || Summary.IsOver(report.View.Phase))
                    return ExitCode.Done;
                await Task.Delay(s_watchEvery, cancel);
            }
        });
        return command;
    }

    public static Command Why() => Listing("why", "Says why a job is as it is: why it waits, restarted, stopped.", async (reader, cancel) =>
    {
        var reply = await reader.WhyAsync(cancel);
        return (JsonSerializer.Serialize(reply, ControlJson.Default.WhyReply), reply.Lines);
    });

    public static Command Events() => Listing("events", "Lists every decision about a job, with its reason.", async (reader, cancel) =>
    {
        var reply = await reader.EventsAsync(cancel);
        return (JsonSerializer.Serialize(reply, ControlJson.Default.EventList),
            reply.Events.Select(e => $"{e.Sequence,5}  generation {e.Generation,-3} {EventText.Line(e)}"));
    });

    private static Command Listing(
        string name, string description, Func<JobReader, CancellationToken, Task<(string Json, IEnumerable<string> Lines)>> read)
    {
        var (job, output, data) = (CommonOptions.Job(), CommonOptions.Output(), CommonOptions.Data());
        var command = new Command(name, description) { job, output, data };
        command.SetAction(async (parsed, cancel) =>
        {
            var layout = CommonOptions.Locate(parsed.GetValue(job)!, parsed.GetValue(data));
            var (json, lines) = await read(new JobReader(layout, parsed.GetValue(job)!), cancel);
            if (parsed.IsJson(output))
                Console.WriteLine(json);
            else
                foreach (var line in lines)
                    Console.WriteLine(line);
            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteStatus(JobReport report)
    {
        foreach (var line in StatusLines.Of(report.View, null, int.MaxValue))
            Console.WriteLine(line);
        if (report.View.OutputDirectory is { } directory)
            Console.WriteLine(Style.Dim($"  output in {directory}"));
    }
}
