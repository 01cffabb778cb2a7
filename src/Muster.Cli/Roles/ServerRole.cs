using Muster.Cli.Commands;
using Muster.Runtime;
using Muster.Server;
using Muster.Server.Etcd;
using Muster.Stores;

namespace Muster.Cli.Roles;

/// <summary>`muster server`: below `muster run`, and later on hosts of its own.</summary>
internal static class ServerRole
{
    public static int Run(string[] words) => RoleTop.Run("server", () =>
    {
        var arguments = new RoleArguments("server", words, "--data", "--control", "--agents", "--checkpoints", "--name", "--listen", "--store-file");
        var options = new ServerOptions
        {
            Name = arguments.Optional("--name") ?? "server",
            CheckpointRoot = arguments.Required("--checkpoints"),
            AgentAddress = "unix:" + arguments.Required("--agents"),
            Etcd = arguments.Optional("--listen") is { } listen ? new EtcdOptions { Listen = [ServerCommand.ParseAddress(listen)] } : null,
            // In a file, since everybody on the host may read a command line, and an address may hold a password.
            Store = arguments.Optional("--store-file") is { } file ? StoreAddress.Parse(File.ReadAllText(file).TrimEnd('\n')) : null,
        };
        LoopContext.Run("server", () => ServerProcess.RunAsync(
            arguments.Required("--data"), "unix:" + arguments.Required("--control"), options));
    });
}
