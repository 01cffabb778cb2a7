namespace Muster.Worker;

/// <summary>Files of a checkpoint, by name.</summary>
internal static class CheckpointFiles
{
    private const int BufferBytes = 128 * 1024;

    public static FileStream Open(string directory, string name)
    {
        var path = PathOf(directory, name);
        if (!File.Exists(path))
        {
            var files = Directory.EnumerateFiles(directory).Select(Path.GetFileName).Order(StringComparer.Ordinal).Take(20);
            throw new FileNotFoundException(
                $"The checkpoint in {directory} has no file '{name}'; it has: {string.Join(", ", files.DefaultIfEmpty("none"))}.", path);
        }

        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
    }

    public static byte[] ReadAll(string directory, string name)
    {
        using var file = Open(directory, name);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    public static FileStream Create(string directory, string name)
    {
        var path = PathOf(directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, BufferBytes);
    }

    private static string PathOf(string directory, string name)
    {
        var path = Path.GetFullPath(Path.Combine(directory, name));
        if (name.Length == 0 || !path.StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"'{name}' is not a name of a file inside the checkpoint: use a relative path without '..'.", nameof(name));
        }

        return path;
    }
}
