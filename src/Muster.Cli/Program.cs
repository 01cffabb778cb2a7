using System.CommandLine;
using Muster.Cli;
using Muster.Cli.Commands;
using Muster.Cli.Roles;
using Muster.Cli.Show;
using Muster.Cli.Store;

// Roles of the process tree come first: they start often and need no command line parser.
// `muster server` without a control socket is a command of its own: a store and nothing else.
if (args is [var first, ..] && (first != "server" || args.Contains("--control")) && Role.Find(first) is { } role)
    return role.Run(args[1..]);

Style.Enabled = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;
try
{
    var root = new RootCommand($"""
        Muster runs distributed training jobs on machines that fail.

        {ExitCode.Table}
        """)
    {
        RunCommand.Create(), PlanCommand.Create(), JobCommands.Ps(), JobCommands.Status(), LogsCommand.Create(), JobCommands.Why(),
        JobCommands.Events(), ControlCommands.Stop(), CheckpointCommands.Create(), ControlCommands.Remove(), DoctorCommand.Create(),
        ServerCommand.Create(), StoreCommands.Create(), TcpStoreCommand.Create(), SimCommand.Create(),
        QuorumCommand.Create(),
    };
    var parsed = root.Parse(args);
    if (parsed.Errors.Count > 0)
    {
        foreach (var error in parsed.Errors)
            Console.Error.WriteLine($"muster: {error.Message}");
        Console.Error.WriteLine($"See: muster {string.Join(' ', args.TakeWhile(a => !a.StartsWith('-')).Take(1))} --help");
        return ExitCode.Usage;
    }

    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (CliException e)
{
    Console.Error.WriteLine($"muster: {e.Message}");
    return e.ExitCode;
}
catch (OperationCanceledException)
{
    return ExitCode.Stopped;
}
#pragma warning disable CA1031 // The process's top: whatever nobody expected ends the command with a name.
catch (Exception e)
#pragma warning restore CA1031
{
    Console.Error.WriteLine($"muster: {e.GetType().Name}: {e.Message}");
    if (Environment.GetEnvironmentVariable("MUSTER_TRACE") is not null)
        Console.Error.WriteLine(e);
    return e is IOException or UnauthorizedAccessException ? ExitCode.Infrastructure : ExitCode.Usage;
}
