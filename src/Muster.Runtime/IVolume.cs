namespace Muster.Runtime;

/// <summary>How a file is opened.</summary>
public enum VolumeOpen
{
    /// <summary>For reading; it must exist.</summary>
    Read,

    /// <summary>For reading and writing; it must exist.</summary>
    Existing,

    /// <summary>For reading and writing; it must not exist.</summary>
    CreateNew,

    /// <summary>For reading and writing; created empty when it does not exist.</summary>
    OpenOrCreate,

    /// <summary>As <see cref="CreateNew"/>, for a file that is written once, in large pieces, and not read soon: it need not be cached.</summary>
    /// <remarks>Fast from memory that begins at a page, in whole pages; any other is written all the same.</remarks>
    CreateStreamed,
}

/// <summary>A directory tree on a disk: the seam between shells and the file system.</summary>
/// <remarks>
/// Paths are relative to the volume's root, separated by '/'. What was written or renamed survives a crash only after the
/// file, and the directory that names it, have been synced. A failed sync is fatal for the process: the implementation
/// throws <see cref="VolumeException"/> and the caller must not go on, since what the kernel still holds is unknown.
/// </remarks>
public interface IVolume
{
    /// <summary>Opens a file.</summary>
    /// <exception cref="VolumeException">The file is missing or exists against the mode, or the disk refuses.</exception>
    ValueTask<IVolumeFile> OpenAsync(string path, VolumeOpen mode);

    /// <summary>Whether a file or directory exists.</summary>
    ValueTask<bool> ExistsAsync(string path);

    /// <summary>Names in a directory, in ordinal order; empty when the directory does not exist.</summary>
    ValueTask<IReadOnlyList<VolumeEntry>> ListAsync(string directory);

    /// <summary>Creates a directory and its parents where missing, and syncs each directory that got a new entry.</summary>
    ValueTask CreateDirectoryAsync(string path);

    /// <summary>Renames a file or directory, replacing a file that is in the way.</summary>
    ValueTask RenameAsync(string from, string to);

    /// <summary>Deletes a file, or an empty directory; nothing when it does not exist.</summary>
    ValueTask DeleteAsync(string path);

    /// <summary>Makes a directory's entries durable.</summary>
    ValueTask SyncDirectoryAsync(string path);
}

/// <summary>A name in a directory.</summary>
/// <param name="Name">Last part of the path.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="Length">Bytes, for a file.</param>
public readonly record struct VolumeEntry(string Name, bool IsDirectory, long Length);

/// <summary>An open file.</summary>
public interface IVolumeFile : IDisposable
{
    /// <summary>Bytes in the file now.</summary>
    long Length { get; }

    /// <summary>Reads up to a buffer's length at an offset; 0 at the end.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer);

    /// <summary>Writes a whole buffer at an offset, extending the file where needed.</summary>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes);

    /// <summary>Cuts or extends the file.</summary>
    ValueTask SetLengthAsync(long length);

    /// <summary>Lets the disk begin to write a stretch, so that a later sync has less left to do. Promises nothing.</summary>
    ValueTask BeginWritebackAsync(long offset, long length) => default;

    /// <summary>Makes the file's bytes and length durable.</summary>
    ValueTask SyncAsync();
}

/// <summary>The disk refused an operation.</summary>
public class VolumeException(string operation, string path, VolumeError error, string detail)
    : IOException($"{operation} of '{path}' failed: {detail}")
{
    /// <summary>open, read, write, sync, rename, delete, list or mkdir.</summary>
    public string Operation { get; } = operation;

    /// <summary>The file or directory.</summary>
    public string Path { get; } = path;

    /// <summary>What kind of refusal.</summary>
    public VolumeError Error { get; } = error;
}

/// <summary>Kinds of refusal that callers tell apart.</summary>
public enum VolumeError
{
    /// <summary>The device failed (EIO) or anything not named below.</summary>
    Device,

    /// <summary>No space or quota left (ENOSPC, EDQUOT).</summary>
    Full,

    /// <summary>The file does not exist (ENOENT).</summary>
    NotFound,

    /// <summary>The file exists (EEXIST).</summary>
    Exists,

    /// <summary>Not allowed, or read-only (EACCES, EPERM, EROFS).</summary>
    Denied,
}
