using System.Runtime.InteropServices;

namespace Muster.Worker.Alone;

/// <summary>Makes files and directories survive a crash of the machine.</summary>
/// <remarks>Through libc: the framework's own flush reports no error of fsync on this runtime.</remarks>
internal static partial class Durable
{
    private const int ReadOnly = 0;

    /// <exception cref="IOException">The file cannot be opened or synced; HResult is errno.</exception>
    public static void Sync(string path)
    {
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            throw Failed("open", path);
        try
        {
            if (FSync(descriptor) != 0)
                throw Failed("fsync", path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string what, string path)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException($"{what} {path}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
