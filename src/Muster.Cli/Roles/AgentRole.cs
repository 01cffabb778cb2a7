using Muster.Agent.Hosting;
using Muster.Primitives;

namespace Muster.Cli.Roles;

/// <summary>`muster agent`: below `muster run`, and later on hosts of its own.</summary>
internal static class AgentRole
{
    public static int Run(string[] words)
    {
        var arguments = new RoleArguments("agent", words, "--data", "--server", "--node");
        return AgentProcess.Run(new AgentOptions
        {
            Directory = Path.GetFullPath(arguments.Required("--data")),
            Node = new NodeId(arguments.Optional("--node") ?? Environment.MachineName.ToLowerInvariant()),
            Address = "127.0.0.1",
            Servers = [.. arguments.Required("--server").Split(',')],
            KeeperCommand = [Environment.ProcessPath!, "keeper"],
        });
    }
}
