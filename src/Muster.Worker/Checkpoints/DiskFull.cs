namespace Muster.Worker.Checkpoints;

/// <summary>Tells a full disk, which training survives, from every other failure of a save, which it does not.</summary>
internal static class DiskFull
{
    private const int NoSpace = 28;       // ENOSPC
    private const int Quota = 122;        // EDQUOT

    public static bool Is(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            if (e is IOException && e.HResult is (NoSpace or Quota))
                return true;
        }

        return false;
    }
}
