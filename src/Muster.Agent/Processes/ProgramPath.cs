using System.Collections.Immutable;
using Muster.Runtime;

namespace Muster.Agent.Processes;

/// <summary>Finds a program as a shell would, so that what is wrong with it can be said before it is started.</summary>
public static class ProgramPath
{
    private const int Executable = 1;

    /// <summary>The file that is started.</summary>
    /// <param name="program">A path, or a name to look for in PATH.</param>
    /// <param name="workingDirectory">Absolute; relative paths begin here.</param>
    /// <param name="environment">The environment it will have.</param>
    /// <returns>Its absolute path.</returns>
    /// <exception cref="ProcessStartException">There is no such program, or it may not be executed, or its directory is missing.</exception>
    public static string Resolve(string program, string workingDirectory, IReadOnlyDictionary<string, string> environment)
    {
        if (!Directory.Exists(workingDirectory))
            throw new ProcessStartException(program, $"the working directory '{workingDirectory}' does not exist on this host");
        if (program.Contains('/'))
            return RequireExecutable(program, Path.GetFullPath(program, workingDirectory));
        var path = environment.GetValueOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
        string? refused = null;
        foreach (var directory in path.Split(':'))
        {
            var candidate = Path.Combine(Path.GetFullPath(directory.Length == 0 ? "." : directory, workingDirectory), program);
            if (!File.Exists(candidate))
                continue;
            if (Libc.Access(candidate, Executable) == 0)
                return candidate;
            refused ??= candidate;
        }

        throw new ProcessStartException(program, refused is null
            ? $"program '{program}' not found in PATH ({path}); install it, or give its path"
            : $"'{refused}' is not executable; chmod +x it");
    }

    private static string RequireExecutable(string program, string path)
    {
        if (Directory.Exists(path))
            throw new ProcessStartException(program, "it is a directory");
        if (!File.Exists(path))
            throw new ProcessStartException(program, $"there is no file '{path}' on this host");
        return Libc.Access(path, Executable) == 0
            ? path
            : throw new ProcessStartException(program, $"'{path}' is not executable; chmod +x it");
    }
}
