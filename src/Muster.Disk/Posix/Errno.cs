using System.Runtime.InteropServices;
using Muster.Runtime;

namespace Muster.Disk.Posix;

/// <summary>Error numbers of Linux, and what callers tell apart of them.</summary>
internal static class Errno
{
    public const int NotFound = 2, Exists = 17, IsDirectory = 21, Invalid = 22;

    /// <summary>Runs a call again as long as a signal interrupts it, and fails with the kernel's words.</summary>
    public static long Require(string operation, string path, Func<long> call)
    {
        var result = Retry(call);
        return result >= 0 ? result : throw Failure(operation, path, Marshal.GetLastPInvokeError());
    }

    public static long Retry(Func<long> call)
    {
        while (true)
        {
            var result = call();
            if (result >= 0 || Marshal.GetLastPInvokeError() != Libc.Interrupted)
                return result;
        }
    }

    public static VolumeException Failure(string operation, string path, int number)
    {
        var advice = Kind(number) switch
        {
            VolumeError.Full => "free space on this disk, or raise its quota, and start again",
            VolumeError.Denied => "give this user the right to it, or choose another directory",
            VolumeError.NotFound => "check the path",
            VolumeError.Exists => "it is in the way: move it",
            _ => "the device failed: see the kernel's log (dmesg), and start again on a healthy disk",
        };
        return new VolumeException(
            operation, path, Kind(number), $"{Marshal.GetPInvokeErrorMessage(number)} (errno {number}); {advice}");
    }

    private static VolumeError Kind(int number) => number switch
    {
        28 or 122 => VolumeError.Full,          // ENOSPC, EDQUOT
        NotFound => VolumeError.NotFound,
        Exists => VolumeError.Exists,
        13 or 1 or 30 => VolumeError.Denied,    // EACCES, EPERM, EROFS
        _ => VolumeError.Device,
    };
}
