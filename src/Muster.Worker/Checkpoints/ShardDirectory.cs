namespace Muster.Worker;

/// <summary>One rank's files of the checkpoint to resume from, found whole.</summary>
public sealed class ShardDirectory
{
    internal ShardDirectory(int rank, long step, string directory) => (Rank, Step, Directory) = (rank, step, directory);

    /// <summary>The rank that saved them, from 0, in the world that saved.</summary>
    public int Rank { get; }

    /// <summary>The checkpoint's step.</summary>
    public long Step { get; }

    /// <summary>Absolute path of the directory. Read only.</summary>
    public string Directory { get; }

    /// <summary>Opens one of the files for reading.</summary>
    /// <exception cref="FileNotFoundException">The checkpoint has no file of this name.</exception>
    public Stream Open(string name) => CheckpointFiles.Open(Directory, name);

    /// <summary>Reads one of the files whole.</summary>
    /// <exception cref="FileNotFoundException">The checkpoint has no file of this name.</exception>
    public byte[] ReadAll(string name) => CheckpointFiles.ReadAll(Directory, name);
}
