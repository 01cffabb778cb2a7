using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Muster.Worker;

/// <summary>This rank's files of the checkpoint to resume from, found whole.</summary>
public sealed class RestoredCheckpoint
{
    internal RestoredCheckpoint(long step, string directory) => (Step, Directory) = (step, directory);

    /// <summary>The checkpoint's step: the state is that after so many steps.</summary>
    public long Step { get; }

    /// <summary>Absolute path of the directory. Read only.</summary>
    public string Directory { get; }

    /// <summary>Opens one of the files for reading.</summary>
    /// <exception cref="FileNotFoundException">The checkpoint has no file of this name.</exception>
    public Stream Open(string name) => CheckpointFiles.Open(Directory, name);

    /// <summary>Reads one of the files whole.</summary>
    /// <exception cref="FileNotFoundException">The checkpoint has no file of this name.</exception>
    public byte[] ReadAll(string name) => CheckpointFiles.ReadAll(Directory, name);

    /// <summary>Reads one of the files into values written by <see cref="CheckpointWriter.Write{T}"/>.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="into">As many values as were written.</param>
    /// <exception cref="InvalidDataException">The file holds another number of bytes.</exception>
    public void Read<T>(string name, Span<T> into)
        where T : unmanaged
    {
        using var file = Open(name);
        var bytes = (long)into.Length * Unsafe.SizeOf<T>();
        if (file.Length != bytes)
        {
            throw new InvalidDataException(
                $"{Path.Combine(Directory, name)} holds {file.Length} bytes, and {into.Length} values of {typeof(T).Name} are {bytes}: "
                + "the program's shapes are not those it saved with.");
        }

        // In parts, because a span of bytes cannot be longer than 2 GiB.
        var step = int.MaxValue / Unsafe.SizeOf<T>();
        for (var rest = into; !rest.IsEmpty; rest = rest[Math.Min(step, rest.Length)..])
            file.ReadExactly(MemoryMarshal.AsBytes(rest[..Math.Min(step, rest.Length)]));
    }
}
