using System.Security.Cryptography;
using System.Text;
using Muster.Jobs.Specification;

namespace Muster.Cli.Data;

/// <summary>Tells whether a job's program is still the one that was submitted.</summary>
/// <remarks>
/// Covers the program, and whatever is written as source or configuration in the working directory or elsewhere where the
/// command names it. Other files are data, and what a job itself writes (its log, its weights) must not make it another
/// job when its command is typed again. A directory that is larger than the limits (somebody's home, say) is covered only
/// by the files that the command names.
/// </remarks>
internal static class ProgramDigest
{
    public const int FilesMax = 2_000;
    public const long BytesMax = 64L << 20;

    private static readonly string[] s_passedOver = ["bin", "obj", "node_modules", "__pycache__", "checkpoints"];

    private static readonly string[] s_source =
    [
        ".py", ".pyi", ".sh", ".cs", ".fs", ".c", ".cc", ".cpp", ".cu", ".h", ".hpp", ".rs", ".go", ".jl", ".js", ".ts", ".lua", ".r",
        ".yaml", ".yml", ".toml", ".ini", ".cfg",
    ];

    public static string Of(JobSpecification job, bool coverWorkingDirectory)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (index, word) in job.Run.Index())
        {
            var path = Path.GetFullPath(word, job.WorkingDirectory);
            if (word.Length < 4096 && (index == 0 || IsSource(path)) && File.Exists(path))
                files.Add(path);
            if (index == 0 && File.Exists(path + ".dll"))
                files.Add(path + ".dll");      // a .NET program: what the host beside it starts
        }

        if (coverWorkingDirectory && FilesBelow(job.WorkingDirectory) is { } all)
            files.UnionWith(all);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(job.WorkingDirectory, file)));
            hash.AppendData([0]);
            AppendContent(hash, file);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    private static void AppendContent(IncrementalHash hash, string file)
    {
        try
        {
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            hash.AppendData("unreadable"u8);   // the program itself will say so, if it needs the file
        }
    }

    private static bool IsSource(string name) => s_source.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    private static List<string>? FilesBelow(string directory)
    {
        var files = new List<string>();
        var bytes = 0L;
        var pending = new Stack<string>([directory]);
        while (pending.TryPop(out var current))
        {
            foreach (var entry in new DirectoryInfo(current).EnumerateFileSystemInfos())
            {
                if (entry.Name.StartsWith('.') || s_passedOver.Contains(entry.Name) || entry.LinkTarget is not null)
                    continue;
                if (entry is DirectoryInfo)
                    pending.Push(entry.FullName);
                else if (!IsSource(entry.Name))
                    continue;
                else if (entry is FileInfo file && files.Count < FilesMax && (bytes += file.Length) <= BytesMax)
                    files.Add(file.FullName);
                else
                    return null;
            }
        }

        return files;
    }
}
