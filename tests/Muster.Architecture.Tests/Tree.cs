namespace Muster.Architecture.Tests;

/// <summary>A file of the tree: its path from the root, with '/', and its text.</summary>
internal sealed record TreeFile(string Path, string Text)
{
    /// <summary>The text with comments, strings and characters blanked, for C#.</summary>
    public string Code => field ??= CSharpText.Blank(Text);

    /// <summary>The project folder's name, for files below src, sim or tests.</summary>
    public string Project => Path.Split('/') is [_, var project, ..] ? project : "";
}

/// <summary>The working tree that the tests were built from.</summary>
internal static class Tree
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<TreeFile> Sources { get; } = Files("*.cs", "src", "sim");

    public static IReadOnlyList<TreeFile> Projects { get; } = Files("*.csproj", "src", "sim");

    public static IReadOnlyList<TreeFile> Files(string pattern, params string[] folders) =>
    [
        .. folders.Select(folder => Path.Combine(Root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or ".git" or ".muster" or "node_modules" or "__pycache__"))
            .Order(StringComparer.Ordinal)
            .Select(path => new TreeFile(path, File.ReadAllText(Path.Combine(Root, path)))),
    ];

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Directory.Packages.props")))
                return folder;
        throw new InvalidOperationException($"no Directory.Packages.props above {AppContext.BaseDirectory}: run from a built tree");
    }
}
