using System.Security.Cryptography;
using System.Text;
using Muster.Jobs.Specification;

namespace Muster.Cli.Data;

/// <summary>Tells whether a job's program is still the one that was submitted.</summary>
/// <remarks>
/// Covers the files of the working directory, and files elsewhere that the command names. A directory that is larger than
/// the limits (somebody's home, say) is covered only by the files that the command names.
/// </remarks>
internal static class ProgramDigest
{
    public const int FilesMax = 2_000;
    public const long BytesMax = 64L << 20;

    private static readonly string[] s_passedOver = ["bin", "obj", "node_modules", "__pycache__", "checkpoints"];

    public static string Of(JobSpecification job, bool coverWorkingDirectory)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var word in job.Run)
        {
            var path = Path.GetFullPath(word, job.WorkingDirectory);
            if (word.Length < 4096 && File.Exists(path))
                files.Add(path);
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
                else if (entry is FileInfo file && files.Count < FilesMax && (bytes += file.Length) <= BytesMax)
                    files.Add(file.FullName);
                else
                    return null;
            }
        }

        return files;
    }
}
