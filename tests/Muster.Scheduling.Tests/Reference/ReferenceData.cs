using System.Text.Json;
using Muster.Scheduling.Throughputs;

namespace Muster.Scheduling.Tests.Reference;

/// <summary>Reference results of the published simulator, where this machine has them: <c>shared/data/gavel</c> beside the tree, or below MUSTER_SHARED.</summary>
internal static class ReferenceData
{
    private static readonly Lazy<string?> s_root = new(Locate);
    private static readonly Lazy<ThroughputTable> s_table = new(() => ThroughputJson.Read(
        File.ReadAllBytes(Path.Combine(Root, "throughputs", "simulation_throughputs.json")), "simulation_throughputs.json"));

    public static bool Exists => s_root.Value is not null;

    public static string Root => s_root.Value!;

    public static ThroughputTable Table => s_table.Value;

    public static void SkipIfAbsent() => Assert.SkipUnless(
        Exists, "the reference data (shared/data/gavel) is not on this machine; name its folder 'shared' in MUSTER_SHARED");

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static JsonElement Json(params string[] parts)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(PathOf(parts)));
        return document.RootElement.Clone();
    }

    /// <summary>Names without extension, in ordinal order.</summary>
    public static string[] Names(string folder, string prefix) =>
        [.. Directory.GetFiles(PathOf("oracle", folder), prefix + "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!];

    private static string? Locate()
    {
        if (Environment.GetEnvironmentVariable("MUSTER_SHARED") is { Length: > 0 } named)
            return Directory.Exists(Path.Combine(named, "data", "gavel")) ? Path.Combine(named, "data", "gavel") : null;
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (Path.Combine(directory.FullName, "shared", "data", "gavel") is var found && Directory.Exists(found))
                return found;
        return null;
    }
}
