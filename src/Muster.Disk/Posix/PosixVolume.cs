using System.Runtime.InteropServices;
using Muster.Runtime;

namespace Muster.Disk.Posix;

/// <summary>A directory tree of a Linux file system.</summary>
/// <remarks>
/// Syncs and large transfers run on threads of the volume; awaiting them goes on in the awaiter's context. All errors of the
/// kernel come out as <see cref="VolumeException"/>. Interrupted calls are repeated, failed ones never: a failed sync leaves
/// unknown what the kernel still holds.
/// </remarks>
/// <param name="root">An existing directory.</param>
/// <param name="readOnly">Refuse everything that changes the tree, as <see cref="VolumeError.Denied"/>.</param>
public sealed class PosixVolume(string root, bool readOnly = false) : IVolume, IDisposable
{
    /// <summary>Threads that may wait for the disk at once: beyond these, calls queue.</summary>
    public const int ThreadsMax = 8;

    private const int FileMode = 0x1B6, DirectoryMode = 0x1FF;   // 0666, 0777: less the umask

    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
    private readonly DiskThreads _threads = new(ThreadsMax);

    /// <summary>The root, absolute.</summary>
    public string Root => _root;

    /// <inheritdoc/>
    public ValueTask<IVolumeFile> OpenAsync(string path, VolumeOpen mode)
    {
        if (mode != VolumeOpen.Read)
            RequireWritable("open", path);
        var flags = Libc.CloseOnExec | mode switch
        {
            VolumeOpen.Read => Libc.ReadOnly,
            VolumeOpen.Existing => Libc.ReadWrite,
            VolumeOpen.CreateNew => Libc.ReadWrite | Libc.Create | Libc.Exclusive,
            VolumeOpen.OpenOrCreate => Libc.ReadWrite | Libc.Create,
            VolumeOpen.CreateStreamed => Libc.ReadWrite | Libc.Create | Libc.Exclusive,
            _ => throw new ArgumentOutOfRangeException(nameof(mode)),
        };
        var handle = Open(path, flags);
        // Asked for once it is open: file systems that have no direct writes refuse it, and all is cached as ever.
        var direct = mode == VolumeOpen.CreateStreamed && Libc.SetFlags(handle, Libc.SetStatusFlags, Libc.Direct) == 0;
        return new ValueTask<IVolumeFile>(new PosixFile(Absolute(path), handle, _threads, direct));
    }

    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(string path) => new(Path.Exists(Absolute(path)));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<VolumeEntry>> ListAsync(string directory)
    {
        var entries = new List<VolumeEntry>();
        try
        {
            foreach (var found in new DirectoryInfo(Absolute(directory)).EnumerateFileSystemInfos())
            {
                var isDirectory = found is DirectoryInfo;
                var length = found is FileInfo { Exists: true } file ? file.Length : 0;
                entries.Add(new VolumeEntry(found.Name, isDirectory, length));
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Empty, as the contract says.
        }
        catch (UnauthorizedAccessException error)
        {
            throw new VolumeException("list", Absolute(directory), VolumeError.Denied, error.Message);
        }
        catch (IOException error) when (error is not VolumeException)
        {
            throw new VolumeException("list", Absolute(directory), VolumeError.Device, error.Message);
        }

        entries.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return new ValueTask<IReadOnlyList<VolumeEntry>>(entries);
    }

    /// <inheritdoc/>
    public ValueTask CreateDirectoryAsync(string path)
    {
        RequireWritable("mkdir", path);
        var parts = Checked(path).Split('/', StringSplitOptions.RemoveEmptyEntries);
        return _threads.RunAsync(() =>
        {
            var parent = "";
            foreach (var part in parts)
            {
                var child = parent.Length == 0 ? part : $"{parent}/{part}";
                var made = Errno.Retry(() => Libc.MakeDirectory(Absolute(child), DirectoryMode));
                if (made < 0 && Marshal.GetLastPInvokeError() is not Errno.Exists and var number)
                    throw Errno.Failure("mkdir", Absolute(child), number);
                // Also when it existed: who made it may have died before syncing.
                SyncDirectory(parent);
                parent = child;
            }
        });
    }

    /// <inheritdoc/>
    public ValueTask RenameAsync(string from, string to)
    {
        RequireWritable("rename", from);
        Errno.Require("rename", Absolute(from), () => Libc.Rename(Absolute(from), Absolute(to)));
        return default;
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string path)
    {
        RequireWritable("delete", path);
        var full = Absolute(path);
        var deleted = Errno.Retry(() => Libc.Unlink(full));
        if (deleted < 0 && Marshal.GetLastPInvokeError() == Errno.IsDirectory)
            deleted = Errno.Retry(() => Libc.RemoveDirectory(full));
        if (deleted < 0 && Marshal.GetLastPInvokeError() is not Errno.NotFound and var number)
            throw Errno.Failure("delete", full, number);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask SyncDirectoryAsync(string path)
    {
        RequireWritable("sync", path);
        return _threads.RunAsync(() => SyncDirectory(path));
    }

    /// <summary>Ends the volume's threads; open files stay readable for small reads only.</summary>
    public void Dispose() => _threads.Dispose();

    private void SyncDirectory(string path)
    {
        using var directory = Open(path, Libc.ReadOnly | Libc.Directory | Libc.CloseOnExec);
        Errno.Require("sync", Absolute(path), () => Libc.Sync(directory));
    }

    private FileHandle Open(string path, int flags) =>
        new((int)Errno.Require("open", Absolute(path), () => Libc.Open(Absolute(path), flags, FileMode)));

    private void RequireWritable(string operation, string path)
    {
        if (readOnly)
            throw new VolumeException(operation, Absolute(path), VolumeError.Denied, "the directory was opened for reading only");
    }

    private string Absolute(string path) => Checked(path).Length == 0 ? _root : $"{_root}/{path}";

    private static string Checked(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.StartsWith('/') || path.Split('/').Contains("..") || path.Contains('\0'))
            throw new ArgumentException($"'{path}' must be relative to the volume and stay below it", nameof(path));
        return path;
    }
}
