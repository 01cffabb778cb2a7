using Muster.Disk.Posix;
using Muster.Runtime;

namespace Muster.Disk.Data;

/// <summary>A directory in which one process keeps what must survive it.</summary>
/// <remarks>The format is docs/formats/data-directory.md.</remarks>
public sealed class DataDirectory : IDisposable
{
    private readonly PosixVolume _volume;
    private readonly DirectoryLock? _lock;

    private DataDirectory(PosixVolume volume, DirectoryLock? held, bool isNew) => (_volume, _lock, IsNew) = (volume, held, isNew);

    /// <summary>The directory, absolute.</summary>
    public string Path => _volume.Root;

    /// <summary>Its files.</summary>
    public IVolume Volume => _volume;

    /// <summary>Whether it was made by this opening.</summary>
    public bool IsNew { get; }

    /// <summary>Opens a directory for this process alone, making it, with its parents, where it is missing.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="format">What it must hold, and what a new one is marked with.</param>
    /// <exception cref="DirectoryLockedException">Another process uses it.</exception>
    /// <exception cref="DataDirectoryException">It holds something else, or a version this program does not know.</exception>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public static async Task<DataDirectory> OpenAsync(string path, DataFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        await MakeAsync(full);
        var held = DirectoryLock.Take(full);
        var volume = new PosixVolume(full);
        try
        {
            return new DataDirectory(volume, held, await format.ClaimAsync(volume));
        }
        catch (Exception)
        {
            volume.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Opens a directory for reading beside whoever uses it; nothing is locked or changed.</summary>
    /// <exception cref="DataDirectoryException">It is missing, holds something else, or a version this program does not know.</exception>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public static async Task<DataDirectory> OpenReadOnlyAsync(string path, DataFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        var volume = new PosixVolume(path, readOnly: true);
        try
        {
            await format.CheckAsync(volume);
            return new DataDirectory(volume, null, isNew: false);
        }
        catch (Exception)
        {
            volume.Dispose();
            throw;
        }
    }

    /// <summary>Gives the directory back.</summary>
    public void Dispose()
    {
        _volume.Dispose();
        _lock?.Dispose();
    }

    /// <summary>Makes the directory durable up to the root, and private: it may hold secrets.</summary>
    private static async Task MakeAsync(string full)
    {
        var present = full;
        while (!Directory.Exists(present))
            present = System.IO.Path.GetDirectoryName(present)!;
        if (present == full)
            return;
        using var volume = new PosixVolume(present);
        await volume.CreateDirectoryAsync(System.IO.Path.GetRelativePath(present, full));
        Errno.Require("mkdir", full, () => Libc.ChangeMode(full, 0x1C0));   // 0700
    }
}
