using System.Net.Sockets;
using Muster.Worker.Reports;

namespace Muster.Worker.Keeper;

/// <summary>The last words of a program that dies between being given a checkpoint and its first step.</summary>
internal static class RestoreFailure
{
    /// <summary>Tells the keeper why, for at most a second; a keeper that does not listen then will not learn it.</summary>
    public static void Tell(KeeperClient keeper, long step, Exception failure)
    {
        using var lines = new ReportLines();
        lines.RestoreFailed(step, $"{failure.GetType().Name}: {failure.Message}");
        try
        {
            keeper.TellRestoreFailed(lines.Written);
        }
        catch (Exception deaf) when (deaf is SocketException or IOException)
        {
            // the exit itself still says that something failed
        }
    }
}
