using Muster.Runtime;

namespace Muster.Simulation.Disk;

/// <summary>From paths to nodes.</summary>
internal static class Paths
{
    public static Node? Find(DirectoryNode root, string path)
    {
        Node? node = root;
        foreach (var part in Split(path))
        {
            if (node is not DirectoryNode directory || !directory.Visible.TryGetValue(part, out node))
                return null;
        }

        return node;
    }

    /// <summary>The same, of what is durable.</summary>
    public static Node? FindDurable(DirectoryNode root, string path)
    {
        Node? node = root;
        foreach (var part in Split(path))
        {
            if (node is not DirectoryNode directory || !directory.Durable.TryGetValue(part, out node))
                return null;
        }

        return node;
    }

    /// <summary>The directory that names a path, and the name in it.</summary>
    public static (DirectoryNode Parent, string Name) Locate(DirectoryNode root, string operation, string path)
    {
        var parts = Split(path);
        if (parts.Length == 0)
            throw new ArgumentException("the root has no name", nameof(path));
        return Find(root, string.Join('/', parts[..^1])) is DirectoryNode parent
            ? (parent, parts[^1])
            : throw new VolumeException(operation, path, VolumeError.NotFound, "no such directory (simulated)");
    }

    public static string[] Split(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return path.StartsWith('/') || parts.Contains("..")
            ? throw new ArgumentException($"'{path}' must be relative to the volume and stay below it", nameof(path))
            : parts;
    }
}
