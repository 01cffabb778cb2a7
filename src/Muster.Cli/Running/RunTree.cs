using System.Collections;
using System.Collections.Immutable;
using Muster.Cli.Data;
using Muster.Runtime;

namespace Muster.Cli.Running;

/// <summary>The processes below `muster run`.</summary>
internal static class RunTree
{
    /// <summary>Server first: the agent finds it at once.</summary>
    public static IEnumerable<(string Name, ProcessStart Start)> Roles(RunPlan plan)
    {
        var layout = plan.Layout;
        string[] rented = File.Exists(layout.StoreAddress) ? ["--store-file", layout.StoreAddress, "--name", Environment.MachineName] : [];
        yield return ("server", Start(layout, ["server", "--data", layout.Store, "--control", layout.ControlSocket,
            "--agents", layout.AgentSocket, "--checkpoints", layout.Checkpoints, .. rented]));
        yield return ("agent", Start(layout, ["agent", "--data", layout.Agent, "--server", "unix:" + layout.AgentSocket]));
    }

    /// <summary>The last thing that server or agent said before they could not go on.</summary>
    public static string LastDiagnostic(DataLayout layout)
    {
        var lines = File.Exists(layout.Diagnostics) ? File.ReadAllLines(layout.Diagnostics) : [];
        return lines.LastOrDefault(line => line.StartsWith("muster", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "it said nothing";
    }

    private static ProcessStart Start(DataLayout layout, string[] arguments) => new()
    {
        Command = [Environment.ProcessPath!, .. arguments],
        WorkingDirectory = layout.Root,
        Environment = OwnEnvironment(),
        OutputFile = layout.Diagnostics,
    };

    private static ImmutableSortedDictionary<string, string> OwnEnvironment() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>().ToImmutableSortedDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
}
