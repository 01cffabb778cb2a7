using Muster.Runtime;

namespace Muster.Disk;

/// <summary>Whole files that are there complete or as they were before, whatever happens.</summary>
public static class DurableFile
{
    /// <summary>What the name of an unfinished file ends with: it may be deleted at any time by whoever owns the directory.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Writes a file, or replaces it: to a temporary name, synced, renamed, the directory synced.</summary>
    /// <param name="volume">The disk.</param>
    /// <param name="path">The file; its directory exists and is durable. One writer per path at a time.</param>
    /// <param name="bytes">The whole content.</param>
    /// <returns>When content and name are durable.</returns>
    /// <exception cref="VolumeException">The disk refuses; the path then holds what it held before, or the new content. After a
    /// failed sync the process must end.</exception>
    public static async Task WriteAsync(IVolume volume, string path, ReadOnlyMemory<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var temporary = path + TemporarySuffix;
        await volume.DeleteAsync(temporary);
        using (var file = await volume.OpenAsync(temporary, VolumeOpen.CreateNew))
        {
            await file.WriteAsync(0, bytes);
            await file.SyncAsync();
        }

        await volume.RenameAsync(temporary, path);
        await volume.SyncDirectoryAsync(DirectoryOf(path));
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="volume">The disk.</param>
    /// <param name="path">The file.</param>
    /// <param name="bytesMax">A larger file is refused.</param>
    /// <exception cref="VolumeException">It does not exist, is too large, or the disk refuses.</exception>
    public static async Task<byte[]> ReadAsync(IVolume volume, string path, int bytesMax)
    {
        ArgumentNullException.ThrowIfNull(volume);
        using var file = await volume.OpenAsync(path, VolumeOpen.Read);
        if (file.Length > bytesMax)
            throw new VolumeException(
                "read", path, VolumeError.Device, $"it has {file.Length} bytes, and {bytesMax} is the most it may have");
        var bytes = new byte[file.Length];
        var filled = 0;
        while (filled < bytes.Length)
        {
            var read = await file.ReadAsync(filled, bytes.AsMemory(filled));
            if (read == 0)
                throw new VolumeException("read", path, VolumeError.Device, "it became shorter while it was read; read it again");
            filled += read;
        }

        return bytes;
    }

    /// <summary>Deletes a file; when this returns it does not come back.</summary>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public static async Task DeleteAsync(IVolume volume, string path)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentException.ThrowIfNullOrEmpty(path);
        await volume.DeleteAsync(path);
        await volume.SyncDirectoryAsync(DirectoryOf(path));
    }

    private static string DirectoryOf(string path) => path.LastIndexOf('/') is >= 0 and var slash ? path[..slash] : "";
}
