using System.Collections.Immutable;
using System.CommandLine;
using System.Runtime.InteropServices;
using Muster.Agent.Processes;
using Muster.Cli.Data;
using Muster.Cli.Running;
using Muster.Cli.Show;
using Muster.Codecs.Control;
using Muster.Jobs.Specification;
using Muster.Runtime;

namespace Muster.Cli.Commands;

/// <summary>`muster run`: a job on this machine, from the first step to the last, whatever dies.</summary>
internal static class RunCommand
{
    private const string Divider = "--";

    public static Option<string[]> Set() => new("--set")
    {
        Description = "Sets a parameter of the job file, or overrides one of its keys; may be repeated.",
        HelpName = "key=value",
    };

    public static Command Create()
    {
        var source = new Argument<string[]>("JOB") { Description = "A job file, a directory with a job.yaml, or -- COMMAND ARGS…", Arity = ArgumentArity.ZeroOrMore };
        var nproc = new Option<int?>("--nproc") { Description = "Ranks.", HelpName = "N" };
        var name = new Option<string?>("--name") { Description = "The job's name.", HelpName = "NAME" };
        var data = CommonOptions.Data();
        var store = new Option<string?>("--store") { Description = "A store that you run already; the data directory holds one where not given.", HelpName = "URL" };
        var restarts = new Option<int?>("--max-restarts") { Description = "Charged restarts before the job fails.", HelpName = "R" };
        var set = Set();
        var env = new Option<string[]>("--env") { Description = "Supplies a value that the job file leaves null; may be repeated.", HelpName = "NAME=VALUE" };
        var warm = new Option<string?>("--warm") { Description = "Python modules that idle spare interpreters keep imported.", HelpName = "MODULE,…" };
        var follow = new Option<string>("--follow") { Description = "Ranks whose output is shown: 0,2 or all or none.", DefaultValueFactory = _ => "0" };
        var accept = new Option<bool>("--accept-change") { Description = "A changed job file or program is meant." };
        var again = new Option<bool>("--again") { Description = "Runs a finished job once more." };
        var output = CommonOptions.Output();
        var command = new Command("run", "Runs a job on this machine; typed again, resumes it, goes on with it or shows its result.")
        {
            source, nproc, name, data, store, restarts, set, env, warm, follow, accept, again, output,
        };
        command.SetAction(parsed =>
        {
            ImmutableArray<string> overrides =
            [
                .. parsed.GetValue(set) ?? [],
                .. Override("gang.procsPerNode", parsed.GetValue(nproc)), .. Override("name", parsed.GetValue(name)),
                .. Override("restart.max", parsed.GetValue(restarts)), .. Override("warm.python", Listed(parsed.GetValue(warm))),
            ];
            var (job, isCommand) = Read(parsed, parsed.GetValue(source) ?? [], overrides);
            RequireProgram(job);
            var layout = parsed.GetValue(data) is { } directory ? new DataLayout(directory) : DataLayout.Default(job.Name.Name);
            var submission = new JobSubmission(
                job, ProgramDigest.Of(job, coverWorkingDirectory: !isCommand), parsed.GetValue(accept), parsed.GetValue(again),
                Secrets(job, parsed.GetValue(env) ?? []));
            return Run(new RunPlan(submission, layout, Follow(parsed.GetValue(follow)!, job)), parsed.GetValue(store), parsed.IsJson(output));
        });
        return command;
    }

    private static int Run(RunPlan plan, string? store, bool json)
    {
        plan.Layout.CreateDirectories();
        using var owner = OwnerLock.Take(plan.Layout);
        var code = ExitCode.Infrastructure;
        LoopContext.Run("run", async () =>
        {
            await StoreChoice.RecordAsync(plan.Layout, store, plan.Request.Specification.Name.Name);
            using var session = new RunSession(plan, new PosixProcesses(), Display(plan, json), new MonotonicClock(TimeProvider.System));
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Interrupt(context, session));
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Interrupt(context, session));
            code = await session.RunAsync();
        });
        return code;
    }

    private static void Interrupt(PosixSignalContext context, RunSession session)
    {
        context.Cancel = true;
        session.Interrupt();
    }

    private static IRunDisplay Display(RunPlan plan, bool json) =>
        json ? new JsonDisplay(Console.Out, plan.Request.Specification.Name.Name)
        : Console.IsOutputRedirected ? new LineDisplay(Console.Out)
        : new LiveDisplay(Console.Out, () => Console.WindowWidth);

    private static (JobSpecification Job, bool IsCommand) Read(ParseResult parsed, string[] words, ImmutableArray<string> overrides)
    {
        var isCommand = parsed.Tokens.Any(token => token.Type == System.CommandLine.Parsing.TokenType.DoubleDash);
        if (isCommand && words.Length > 0)
            return (JobSource.OfCommand([.. words], overrides), true);
        return words switch
        {
            [var path] => (JobSource.Read(path, overrides), false),
            [] => throw new CliException(ExitCode.Usage, "what is to run? Give a job file, a directory with a job.yaml, or -- COMMAND ARGS…"),
            _ => throw new CliException(ExitCode.Usage, $"one job at a time; a command comes after '{Divider}': muster run {Divider} {string.Join(' ', words)}"),
        };
    }

    /// <summary>The job runs on this machine: what cannot be started here needs no restarts to find out.</summary>
    private static void RequireProgram(JobSpecification job)
    {
        var environment = job.Environment.TryGetValue("PATH", out var path) && path is not null ? path : Environment.GetEnvironmentVariable("PATH");
        try
        {
            ProgramPath.Resolve(job.Run[0], job.WorkingDirectory, environment is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["PATH"] = environment });
        }
        catch (ProcessStartException refusal)
        {
            throw new CliException(ExitCode.Usage, refusal.Message);
        }
    }

    private static IEnumerable<string> Override(string key, object? value) => value is null ? [] : [$"{key}={value}"];

    private static string? Listed(string? modules) => modules is null ? null : $"[{modules}]";

    private static ImmutableSortedDictionary<string, string> Secrets(JobSpecification job, string[] given)
    {
        var secrets = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        // What the job file leaves null is taken from this shell's environment unless it is given.
        foreach (var name in job.Environment.Where(entry => entry.Value is null).Select(entry => entry.Key))
        {
            if (Environment.GetEnvironmentVariable(name) is { } inherited)
                secrets[name] = inherited;
        }

        foreach (var pair in given)
        {
            var split = pair.IndexOf('=');
            if (split <= 0)
                throw new CliException(ExitCode.Usage, $"--env {pair}: write NAME=VALUE");
            secrets[pair[..split]] = pair[(split + 1)..];
        }

        return secrets.ToImmutable();
    }

    private static ImmutableArray<int> Follow(string text, JobSpecification job)
    {
        if (text == "none")
            return [];
        if (text == "all")
            return [.. Enumerable.Range(0, job.Gang.ProcessesPerNode)];
        var ranks = text.Split(',').Select(word => int.TryParse(word, out var rank) ? rank : -1).ToArray();
        return ranks.All(rank => rank >= 0)
            ? [.. ranks]
            : throw new CliException(ExitCode.Usage, $"--follow {text}: write ranks such as 0,2, or all, or none");
    }
}
