using System.Collections.Immutable;
using System.Globalization;
using Muster.Primitives;

namespace Muster.Agent.Keeping;

/// <summary>What an agent tells a keeper on its command line.</summary>
/// <param name="Directory">The keeper's directory, absolute.</param>
/// <param name="Job">The job it keeps.</param>
/// <param name="Node">Its host's name in the cluster.</param>
/// <param name="Agent">Identity of its agent.</param>
/// <param name="Leader">The coordinator that the agent obeys: the keeper obeys none before it.</param>
/// <param name="Generation">The generation it is started for: the keeper takes up none before it.</param>
public sealed record KeeperArguments(string Directory, JobId Job, NodeId Node, string Agent, FencingToken Leader, Generation Generation)
{
    /// <summary>The arguments, after whatever names the program and its command.</summary>
    public ImmutableArray<string> Format() =>
    [
        "--directory", Directory, "--job", Job.Name, "--node", Node.Name, "--agent", Agent,
        "--leader", Leader.ToString(), "--generation", Generation.ToString(),
    ];

    /// <summary>Reads what <see cref="Format"/> wrote.</summary>
    /// <exception cref="ArgumentException">Something else was written.</exception>
    public static KeeperArguments Parse(ReadOnlySpan<string> arguments)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < arguments.Length; i += 2)
            values[arguments[i]] = arguments[i + 1];
        return arguments.Length == 12
            && values.TryGetValue("--directory", out var directory) && Path.IsPathFullyQualified(directory)
            && values.TryGetValue("--job", out var job) && JobId.IsValid(job)
            && values.TryGetValue("--node", out var node) && node.Length > 0
            && values.TryGetValue("--agent", out var agent) && agent.Length > 0
            && values.TryGetValue("--leader", out var text) && TokenOf(text) is { } leader
            && values.TryGetValue("--generation", out var number) && long.TryParse(number, CultureInfo.InvariantCulture, out var generation) && generation > 0
            ? new KeeperArguments(directory, new JobId(job), new NodeId(node), agent, leader, new Generation(generation))
            : throw new ArgumentException(
                "a keeper is started by its agent with --directory DIR --job JOB --node NODE --agent ID --leader TOKEN --generation N; start 'muster agent' instead");
    }

    private static FencingToken? TokenOf(string text) =>
        text.Split('/') is [var cluster, var granted]
        && ulong.TryParse(cluster, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var id)
        && long.TryParse(granted, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? new FencingToken(new ClusterId(id), new Revision(revision))
            : null;
}
