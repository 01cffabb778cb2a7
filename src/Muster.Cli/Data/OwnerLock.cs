using Muster.Disk.Data;

namespace Muster.Cli.Data;

/// <summary>Held by the one `muster run`, or `muster rm`, that owns a data directory.</summary>
internal static class OwnerLock
{
    /// <summary>Takes it.</summary>
    /// <exception cref="CliException">Somebody else holds it.</exception>
    public static IDisposable Take(DataLayout layout)
    {
        try
        {
            return DirectoryLock.Take(layout.Root);
        }
        catch (DirectoryLockedException held)
        {
            throw new CliException(
                ExitCode.Refused,
                $"the job in {layout.Root} is running already ({held.Message}). Watch it: muster status --watch, muster logs -f; end it: muster stop");
        }
    }
}
