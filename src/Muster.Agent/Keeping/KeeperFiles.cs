using Muster.Jobs.Keepers;
using Muster.Primitives;

namespace Muster.Agent.Keeping;

/// <summary>Names in a keeper's directory.</summary>
internal static class KeeperFiles
{
    public static string Journal(string directory) => $"{directory}/journal";

    public static string Socket(string directory) => $"{directory}/keeper.sock";

    /// <summary>A job's keeper's directory below its agent's.</summary>
    public static string Of(string agentDirectory, JobId job) => $"{agentDirectory}/keepers/{job}";
}
