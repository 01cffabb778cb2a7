using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Muster.Worker;

/// <summary>A new, empty directory that takes this rank's files of one checkpoint.</summary>
/// <remarks>
/// The program need not sync anything: the keeper hashes the files and makes them durable once they are complete.
/// A file has one name and is written once; what a later save writes goes into another directory.
/// </remarks>
public sealed class CheckpointWriter
{
    internal CheckpointWriter(long step, string directory) => (Step, Directory) = (step, directory);

    /// <summary>The checkpoint's step: the state to save is that after so many steps.</summary>
    public long Step { get; }

    /// <summary>Absolute path, for libraries that write files themselves.</summary>
    public string Directory { get; }

    /// <summary>Creates a file and returns a buffered stream into it. Close it before the save returns.</summary>
    /// <param name="name">A file name or a relative path; folders are made.</param>
    /// <exception cref="ArgumentException">The name leads out of the directory.</exception>
    /// <exception cref="IOException">The file is there already, or the disk failed or is full.</exception>
    public Stream Create(string name) => CheckpointFiles.Create(Directory, name);

    /// <summary>Writes one file.</summary>
    /// <exception cref="IOException">The file is there already, or the disk failed or is full.</exception>
    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        using var file = Create(name);
        file.Write(bytes);
    }

    /// <summary>Writes one file of values as they lie in memory (little-endian on every machine that Muster runs on), without a copy.</summary>
    /// <exception cref="IOException">The file is there already, or the disk failed or is full.</exception>
    public void Write<T>(string name, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        using var file = Create(name);
        var step = int.MaxValue / Unsafe.SizeOf<T>();    // a span of bytes cannot be longer than 2 GiB
        for (var rest = values; !rest.IsEmpty; rest = rest[Math.Min(step, rest.Length)..])
            file.Write(MemoryMarshal.AsBytes(rest[..Math.Min(step, rest.Length)]));
    }
}
