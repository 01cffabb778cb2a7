using System.CommandLine;
using Muster.Cli.Data;

namespace Muster.Cli.Commands;

/// <summary>Options that mean the same on every command.</summary>
internal static class CommonOptions
{
    public static Option<string> Output() => new("--output", "-o")
    {
        Description = "How to print: text or json.",
        DefaultValueFactory = _ => "text",
        HelpName = "text|json",
    };

    public static Option<string?> Data() => new("--data")
    {
        Description = "The job's data directory; ./.muster/NAME where not given.",
        HelpName = "DIR",
    };

    public static Argument<string> Job() => new("JOB") { Description = "The job's name." };

    public static bool IsJson(this ParseResult parsed, Option<string> output) => parsed.GetValue(output) switch
    {
        "text" => false,
        "json" => true,
        var other => throw new CliException(ExitCode.Usage, $"-o {other}: choose text or json"),
    };

    /// <summary>The data directory of a job that exists.</summary>
    public static DataLayout Locate(string job, string? data)
    {
        var layout = data is null ? DataLayout.Default(job) : new DataLayout(data);
        if (Directory.Exists(layout.Store))
            return layout;
        var known = DataLayout.All().Select(found => Path.GetFileName(found.Root)).ToArray();
        var hint = known.Length == 0 ? "there is no job below ./.muster" : $"jobs here: {string.Join(", ", known)}";
        throw new CliException(ExitCode.Usage, $"no job '{job}' in {layout.Root}: {hint}. Name its directory with --data.");
    }
}
