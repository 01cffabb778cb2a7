using Muster.Agent.Hosting;
using Muster.Agent.Keeping;
using Muster.Primitives;

namespace Muster.Agent.Tests;

/// <summary>The tests, or one of the processes that they start.</summary>
internal static class Program
{
    public static string PythonDirectory => Path.Combine(AppContext.BaseDirectory, "python");

    public static int Main(string[] args) => args.FirstOrDefault() switch
    {
        "keeper" => KeeperProcess.Run(new KeeperOptions
        {
            Arguments = KeeperArguments.Parse(args.AsSpan(1)),
            PythonDirectory = PythonDirectory,
        }),
        "agent" => AgentProcess.Run(new AgentOptions
        {
            Directory = args[1],
            Node = new NodeId(args[2]),
            Address = "127.0.0.1",
            Servers = [args[3]],
            KeeperCommand = [Environment.ProcessPath!, "keeper"],
        }),
        _ => Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args).GetAwaiter().GetResult(),
    };
}
