using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Muster.Network;

/// <summary>The two system calls that .NET does not offer for directories.</summary>
internal static partial class Libc
{
    private const int PathOnlyDirectoryCloseOnExec = 0x200000 | 0x10000 | 0x80000;   // O_PATH | O_DIRECTORY | O_CLOEXEC

    /// <exception cref="IOException">The directory is missing or not ours to search.</exception>
    public static int OpenDirectory(string path)
    {
        var descriptor = Open(path, PathOnlyDirectoryCloseOnExec, 0);
        return descriptor >= 0
            ? descriptor
            : throw new IOException($"directory '{path}': {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);
}
