using System.Collections.Immutable;
using System.Globalization;
using Muster.Jobs.Nodes;

namespace Muster.Agent.Hosting;

/// <summary>Finds out what this host offers, from /proc.</summary>
public static class HostResources
{
    private const string Gpus = "/proc/driver/nvidia/gpus";

    /// <summary>Cores that this process may use, memory, and the NVIDIA GPUs that the driver lists, by bus address.</summary>
    public static NodeResources Look() => new(Environment.ProcessorCount, MemoryBytes(), GpuTypes());

    private static long MemoryBytes()
    {
        foreach (var line in File.ReadLines("/proc/meminfo"))
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal)
                && long.TryParse(line.AsSpan(9).Trim(" kB"), NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes))
                return kibibytes * 1024;
        return 0;
    }

    private static ImmutableArray<string> GpuTypes()
    {
        if (!Directory.Exists(Gpus))
            return [];
        var types = ImmutableArray.CreateBuilder<string>();
        foreach (var gpu in Directory.GetDirectories(Gpus).Order(StringComparer.Ordinal))
            foreach (var line in File.ReadLines(Path.Combine(gpu, "information")))
                if (line.StartsWith("Model:", StringComparison.Ordinal))
                    types.Add(ShortName(line[6..].Trim()));
        return types.ToImmutable();
    }

    /// <summary>"NVIDIA H100 80GB HBM3" is an H100: the word that a job file names.</summary>
    internal static string ShortName(string model)
    {
        foreach (var word in model.Split(' ', '-'))
            if (word.Length >= 2 && char.IsAsciiLetterUpper(word[0]) && word.Any(char.IsAsciiDigit))
                return word;
        return model;
    }
}
