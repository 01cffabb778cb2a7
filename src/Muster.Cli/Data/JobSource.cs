using System.Collections.Immutable;
using Muster.Codecs.JobFile;
using Muster.Jobs.Specification;

namespace Muster.Cli.Data;

/// <summary>Where a job comes from: a file, a directory with one, or a command.</summary>
internal static class JobSource
{
    private const string FileName = "job.yaml";

    public static JobSpecification Read(string path, ImmutableArray<string> overrides)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        if (!File.Exists(file))
        {
            throw new CliException(ExitCode.Usage, Directory.Exists(path)
                ? $"{path} holds no {FileName}. Write one, or run a command: muster run -- COMMAND"
                : $"{path} does not exist. Give a job file, a directory with a {FileName}, or a command: muster run -- COMMAND");
        }

        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"{file} cannot be read: {e.Message}");
        }

        var directory = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return Accept(file, JobFileReader.Read(text, new JobFileOptions
        {
            BaseDirectory = directory,
            DefaultName = Path.GetFileName(file) == FileName ? Path.GetFileName(directory) : Path.GetFileNameWithoutExtension(file),
            Overrides = overrides,
            SingleMachine = true,
        }));
    }

    public static JobSpecification OfCommand(ImmutableArray<string> command, ImmutableArray<string> overrides) =>
        Accept("the command", JobFileReader.FromCommand(command, new JobFileOptions
        {
            BaseDirectory = Environment.CurrentDirectory,
            DefaultName = NameOf(command),
            Overrides = overrides,
            SingleMachine = true,
        }));

    /// <summary>`python3 train.py` is called train: the interpreter says nothing.</summary>
    private static string NameOf(ImmutableArray<string> command)
    {
        var script = command.FirstOrDefault(word => word.EndsWith(".py", StringComparison.Ordinal));
        return Path.GetFileNameWithoutExtension(script ?? command[0]);
    }

    private static JobSpecification Accept(string source, JobFileResult result) => result switch
    {
        JobFileResult.Read(var specification, _) => specification,
        JobFileResult.Refused(var errors) => throw new CliException(
            ExitCode.Usage, $"{source} is not a job:\n{string.Join('\n', errors.Select(error => "  " + error))}"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
