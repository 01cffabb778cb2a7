using System.Text.RegularExpressions;

namespace Muster.Architecture.Tests;

/// <summary>References point one way, along edges that are listed here and no others.</summary>
internal static partial class EdgeRule
{
    /// <summary>From low to high; a project refers only to projects above its own line.</summary>
    public static readonly IReadOnlyList<(string Project, string[] MayReferTo, string[] Packages)> Allowed =
    [
        ("Muster.Primitives", [], []),
        ("Muster.Raft", ["Muster.Primitives"], []),
        ("Muster.Keyspace", ["Muster.Primitives"], []),
        ("Muster.Jobs", ["Muster.Primitives"], []),
        ("Muster.Scheduling", ["Muster.Primitives"], []),
        ("Muster.Codecs", ["Muster.Primitives", "Muster.Keyspace", "Muster.Jobs", "Muster.Raft"], ["YamlDotNet"]),
        ("Muster.Runtime", ["Muster.Primitives"], []),
        ("Muster.Disk", ["Muster.Runtime", "Muster.Codecs"], []),
        ("Muster.Network", ["Muster.Runtime", "Muster.Codecs"], []),
        ("Muster.Network.Http", [], []),
        ("Muster.Stores", ["Muster.Disk", "Muster.Network", "Muster.Network.Http", "Muster.Keyspace"], []),
        ("Muster.Coordination", ["Muster.Stores"], []),
        ("Muster.Checkpoints", ["Muster.Disk", "Muster.Codecs", "Muster.Jobs"], []),
        ("Muster.Server", ["Muster.Network.Http", "Muster.Stores", "Muster.Checkpoints", "Muster.Jobs"], []),
        ("Muster.Agent", ["Muster.Checkpoints", "Muster.Network", "Muster.Jobs"], []),
        ("Muster.Worker", ["Muster.Primitives"], []),
        ("Muster.Simulation.Raft", ["Muster.Raft", "Muster.Keyspace"], []),
        ("Muster.Cli", ["Muster.Server", "Muster.Agent", "Muster.Coordination", "Muster.Scheduling", "Muster.Simulation.Raft"], ["System.CommandLine"]),
        ("Muster.Simulation", ["Muster.Runtime", "Muster.Server", "Muster.Agent", "Muster.Worker"], []),
        ("Muster.Simulation.Runner", ["Muster.Simulation"], []),
        ("Muster.Simulation.Raft.Runner", ["Muster.Simulation.Raft"], []),
    ];

    /// <summary>Decide and never act; Directory.Build.props bans symbols in exactly these.</summary>
    public static readonly IReadOnlyList<string> Pure = ["Muster.Codecs", "Muster.Jobs", "Muster.Keyspace", "Muster.Primitives", "Muster.Raft", "Muster.Scheduling"];

    public static IEnumerable<string> Check(TreeFile project)
    {
        var name = Path.GetFileNameWithoutExtension(project.Path);
        var (known, mayReferTo, packages) = Allowed.FirstOrDefault(line => line.Project == name);
        if (known is null)
        {
            yield return $"{project.Path} is not in the table of edges: add its line where it belongs";
            yield break;
        }

        foreach (Match match in Reference().Matches(project.Text))
            if (!mayReferTo.Contains(match.Groups[1].Value))
                yield return $"{name} refers to {match.Groups[1].Value}, which is a new edge";
        foreach (Match match in Package().Matches(project.Text))
            if (!packages.Contains(match.Groups[1].Value))
                yield return $"{name} uses package {match.Groups[1].Value}: a package needs a record in docs/adr and a line in the table";
    }

    /// <summary>The pure projects named by the build.</summary>
    public static IEnumerable<string> PureInBuild(string buildProps) =>
        buildProps.Split('\n').Where(line => line.Contains("<MusterPure Condition", StringComparison.Ordinal))
            .SelectMany(line => ProjectName().Matches(line).Select(match => match.Value)).Order(StringComparer.Ordinal);

    [GeneratedRegex("<ProjectReference Include=\"[^\"]*?([\\w.]+)\\.csproj\"")]
    private static partial Regex Reference();

    [GeneratedRegex("<PackageReference Include=\"([^\"]+)\"")]
    private static partial Regex Package();

    [GeneratedRegex(@"Muster\.\w+")]
    private static partial Regex ProjectName();
}
