using Muster.Agent.Keeping;

namespace Muster.Cli.Roles;

/// <summary>`muster keeper`: started by agents only.</summary>
internal static class KeeperRole
{
    public static int Run(string[] words) => KeeperProcess.Run(new KeeperOptions
    {
        Arguments = KeeperArguments.Parse(words),
        PythonDirectory = Installation.PythonDirectory(),
    });
}
