using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Muster.Disk.Posix;
using Muster.Runtime;

namespace Muster.Disk.Data;

/// <summary>The right to write in a directory, held by one process; the kernel takes it back when the process dies.</summary>
/// <remarks>Holding it proves that whoever held it before is dead. Not for network file systems without working flock.</remarks>
public sealed class DirectoryLock : IDisposable
{
    /// <summary>The lock file's name; it stays when the lock is gone.</summary>
    public const string FileName = "lock";

    private const int WouldBlock = 11, PidBytesMax = 32;

    private readonly FileHandle _file;

    private DirectoryLock(FileHandle file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <param name="directory">An existing directory.</param>
    /// <exception cref="DirectoryLockedException">Another process, which it names, or this one holds it.</exception>
    /// <exception cref="VolumeException">The lock file cannot be made.</exception>
    public static DirectoryLock Take(string directory)
    {
        var path = Path.Combine(directory, FileName);
        var flags = Libc.ReadWrite | Libc.Create | Libc.CloseOnExec;
        var file = new FileHandle((int)Errno.Require("open", path, () => Libc.Open(path, flags, 0x1A4)));
        if (Errno.Retry(() => Libc.Lock(file, Libc.LockExclusive | Libc.LockNoWait)) < 0)
        {
            var number = Marshal.GetLastPInvokeError();
            var holder = number == WouldBlock ? ReadPid(file) : 0;
            file.Dispose();
            throw number == WouldBlock ? new DirectoryLockedException(directory, holder) : Errno.Failure("lock", path, number);
        }

        WritePid(file, path);
        return new DirectoryLock(file);
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => _file.Dispose();

    private static unsafe void WritePid(FileHandle file, string path)
    {
        var text = Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        Errno.Require("write", path, () => Libc.Truncate(file, 0));
        Errno.Require("write", path, () =>
        {
            fixed (byte* start = text)
                return Libc.Write(file, start, text.Length, 0);
        });
    }

    /// <summary>What the holder wrote; 0 when it has not yet.</summary>
    private static unsafe int ReadPid(FileHandle file)
    {
        var text = new byte[PidBytesMax];
        var read = Errno.Retry(() =>
        {
            fixed (byte* start = text)
                return Libc.Read(file, start, text.Length, 0);
        });
        var digits = Encoding.ASCII.GetString(text, 0, (int)Math.Max(0, read)).Trim();
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0;
    }
}

/// <summary>A data directory is in use.</summary>
/// <param name="directory">The directory.</param>
/// <param name="holder">Pid of the process that uses it, or 0 when it is only just starting.</param>
public sealed class DirectoryLockedException(string directory, int holder) : DataDirectoryException(
    $"'{directory}' is in use by {(holder == 0 ? "a process that is only just starting" : $"process {holder}")}; stop that "
    + "process, or choose another directory")
{
    /// <summary>Pid of the process that uses it, or 0 when it is only just starting.</summary>
    public int Holder { get; } = holder;
}
