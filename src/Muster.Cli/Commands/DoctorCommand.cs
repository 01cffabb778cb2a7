using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Cli.Doctor;
using Muster.Cli.Show;

namespace Muster.Cli.Commands;

/// <summary>`muster doctor`: what a run needs of this machine, each with a verdict.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var (output, data) = (CommonOptions.Output(), CommonOptions.Data());
        var command = new Command("doctor", "Looks at clock, disk, ports, limits and GPUs, and says what to mend.") { output, data };
        command.SetAction(async (parsed, _) =>
        {
            var directory = Path.GetFullPath(parsed.GetValue(data) ?? ".");
            if (!Directory.Exists(directory))
                throw new CliException(ExitCode.Usage, $"--data {directory} does not exist");
            var worst = Verdict.Ok;
            await foreach (var finding in Examination.All(directory))
            {
                worst = finding.Verdict > worst ? finding.Verdict : worst;
                Console.WriteLine(parsed.IsJson(output) ? JsonSerializer.Serialize(finding, DoctorJson.Default.Finding) : Line(finding));
            }

            return worst == Verdict.Bad ? ExitCode.Infrastructure : ExitCode.Done;
        });
        return command;
    }

    private static string Line(Finding finding)
    {
        var verdict = finding.Verdict switch
        {
            Verdict.Ok => Style.Green("ok  "),
            Verdict.Warning => Style.Yellow("warn"),
            _ => Style.Red("bad "),
        };
        return $"{verdict}  {finding.Subject,-11} {finding.Found}{(finding.Advice is null ? "" : $"\n                  → {finding.Advice}")}";
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Finding))]
internal sealed partial class DoctorJson : JsonSerializerContext;
