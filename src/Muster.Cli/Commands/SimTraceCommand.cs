using System.CommandLine;
using Muster.Cli.Sim;
using Muster.Scheduling;
using Muster.Scheduling.Traces;

namespace Muster.Cli.Commands;

/// <summary>`muster sim trace`: makes workloads and turns others' traces into them.</summary>
internal static class SimTraceCommand
{
    public static Command Create() => new("trace", "Makes workloads, or turns others' traces into them.") { Generate(), Convert() };

    private static Command Generate()
    {
        var seed = new Option<string>("--seed") { Description = "Seed of the workload.", DefaultValueFactory = _ => "0" };
        var rate = SimOptions.Rate("1/h");
        var kind = new Option<string>("--kind") { Description = "Jobs of one GPU each, or also of 2, 4 and 8.", HelpName = "single|multi", DefaultValueFactory = _ => "single" };
        var count = new Option<int>("--count") { Description = "Jobs.", DefaultValueFactory = _ => 100 };
        var (throughputs, format, file) = (Throughputs(), To(), File());
        var priorities = new Option<bool>("--priorities") { Description = "One job in five has weight 5." };
        var deadlines = new Option<bool>("--deadlines") { Description = "Jobs have deadlines of 1.2, 2 or 10 times their duration." };
        var command = new Command("generate", "Draws a workload.") { seed, rate, kind, count, throughputs, format, file, priorities, deadlines };
        command.SetAction((parsed, _) =>
        {
            if (parsed.GetValue(count) is < 1 or > 10_000_000)
                throw new CliException(ExitCode.Usage, $"--count {parsed.GetValue(count)}: choose 1 to 10000000");
            var options = new TraceOptions(
                SimInput.Seed(parsed.GetValue(seed)!, "--seed"), SimInput.Rate(parsed.GetValue(rate)!), SimInput.MultiGpu(parsed.GetValue(kind)!),
                parsed.GetValue(priorities), parsed.GetValue(deadlines));
            return Guard(() => Write(
                new TraceGenerator(options, SimInput.Table(parsed.GetValue(throughputs))).Endless().Take(parsed.GetValue(count)), parsed.GetValue(format)!, parsed.GetValue(file)));
        });
        return command;
    }

    private static Command Convert()
    {
        var input = new Argument<string>("FILE") { Description = "The trace to read." };
        var from = new Option<string>("--from") { Description = "What it is.", HelpName = "gavel|csv|alibaba|philly", DefaultValueFactory = _ => "gavel" };
        var seed = new Option<string>("--seed") { Description = "Seed of the models, where a trace does not name them.", DefaultValueFactory = _ => "0" };
        var (throughputs, format, file) = (Throughputs(), To(), File());
        var command = new Command("convert", "Turns a trace into a workload; models that a cluster's trace does not name are drawn.") { input, from, seed, throughputs, format, file };
        command.SetAction((parsed, _) => Guard(() =>
        {
            var name = parsed.GetValue(input)!;
            var text = System.Text.Encoding.UTF8.GetString(SimInput.Bytes(name));
            var trace = new ClusterTrace(SimInput.Table(parsed.GetValue(throughputs)), SimInput.Seed(parsed.GetValue(seed)!, "--seed"));
            var jobs = parsed.GetValue(from) switch
            {
                "gavel" => GavelTrace.Read(text, name),
                "csv" => TraceCsv.Read(text, name),
                "alibaba" => trace.Alibaba(text, name),
                "philly" => trace.Philly(text, name),
                var other => throw new CliException(ExitCode.Usage, $"--from '{other}': choose gavel, csv, alibaba or philly"),
            };
            Write(jobs, parsed.GetValue(format)!, parsed.GetValue(file));
            if (trace.LeftOut > 0)
                Console.Error.WriteLine($"{jobs.Count} jobs; {trace.LeftOut} left out: no GPU, no run time, or more GPUs than a model here uses");
        }));
        return command;
    }

    private static Task<int> Guard(Action act)
    {
        try
        {
            act();
            return Task.FromResult(ExitCode.Done);
        }
        catch (SchedulingInputException e)
        {
            throw new CliException(ExitCode.Usage, e.Message);
        }
    }

    private static void Write(IEnumerable<TraceJob> jobs, string format, string? file)
    {
        var text = format switch
        {
            "csv" => TraceCsv.Write(jobs),
            "gavel" => GavelTrace.Write(jobs),
            _ => throw new CliException(ExitCode.Usage, $"--to '{format}': choose csv or gavel"),
        };
        if (file is null)
            Console.Write(text);
        else
            System.IO.File.WriteAllText(file, text);
    }

    private static Option<string?> Throughputs() => new("--throughputs") { Description = "Throughputs as JSON; a built-in table where not given.", HelpName = "FILE" };

    private static Option<string> To() => new("--to") { Description = "csv has full precision; gavel is ten fields between tabs.", HelpName = "csv|gavel", DefaultValueFactory = _ => "csv" };

    private static Option<string?> File() => new("--file") { Description = "Where to; standard output where not given.", HelpName = "FILE" };
}
