using System.CommandLine;
using Muster.Cli.Data;
using Muster.Codecs.JobFile;

namespace Muster.Cli.Commands;

/// <summary>`muster plan`: the job as it would run.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("JOB") { Description = "A job file, or a directory with a job.yaml." };
        var set = RunCommand.Set();
        var output = CommonOptions.Output();
        var command = new Command("plan", "Prints the job with every default filled in, or every error with its place.") { source, set, output };
        command.SetAction((parsed, _) =>
        {
            var job = JobSource.Read(parsed.GetValue(source)!, [.. parsed.GetValue(set) ?? []]);
            Console.Write(parsed.IsJson(output)
                ? System.Text.Json.JsonSerializer.Serialize(job, Codecs.Control.ControlJson.Default.JobSpecification) + "\n"
                : JobFileWriter.Write(job));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
