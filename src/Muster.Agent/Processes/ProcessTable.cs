using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Muster.Runtime;

namespace Muster.Agent.Processes;

/// <summary>One line of the kernel's process table: /proc/PID/stat.</summary>
internal readonly record struct ProcessLine(ProcessId Id, char State, int Parent, int Group)
{
    /// <summary>Neither a zombie nor about to vanish.</summary>
    public bool IsAlive => State is not ('Z' or 'X' or 'x');
}

/// <summary>Reads the kernel's process table.</summary>
internal static class ProcessTable
{
    private const int EnvironmentBytesMax = 4 << 20;

    private static readonly byte[] Prefix = "MUSTER_"u8.ToArray();

    public static ProcessLine? Find(int pid)
    {
        if (Libc.ReadSmall($"/proc/{pid}/stat", 64 << 10) is not { } stat)
            return null;
        // The name is in parentheses and may hold any character, parentheses too: fields begin behind the last one.
        var fields = Encoding.ASCII.GetString(stat.AsSpan(stat.AsSpan().LastIndexOf((byte)')') + 2)).Split(' ');
        return fields.Length > 19
            ? new ProcessLine(
                new ProcessId(pid, long.Parse(fields[19], CultureInfo.InvariantCulture)), fields[0][0],
                int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture))
            : null;
    }

    public static IEnumerable<ProcessLine> All()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && Find(pid) is { } line)
                yield return line;
    }

    /// <summary>Environment variables of a process that begin with <c>MUSTER_</c>, as they were when it began.</summary>
    public static ImmutableSortedDictionary<string, string> Tags(int pid)
    {
        var tags = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (Libc.ReadSmall($"/proc/{pid}/environ", EnvironmentBytesMax) is not { } environment)
            return tags.ToImmutable();
        for (var start = 0; start < environment.Length;)
        {
            var rest = environment.AsSpan(start);
            var length = rest.IndexOf((byte)0) is >= 0 and var end ? end : rest.Length;
            if (rest.StartsWith(Prefix) && rest[..length].IndexOf((byte)'=') is > 0 and var equals)
                tags[Encoding.UTF8.GetString(rest[..equals])] = Encoding.UTF8.GetString(rest[(equals + 1)..length]);
            start += length + 1;
        }

        return tags.ToImmutable();
    }
}
