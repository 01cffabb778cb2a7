using System.Collections.Immutable;
using System.Text.Json;
using Muster.Jobs.Agents;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Jobs.Specification;

namespace Muster.Codecs.Nodes;

/// <summary>Fills in what a neighbouring version, or a hostile one, left out: an absent list is an empty one.</summary>
internal static class Normalized
{
    public static NodeSnapshot Of(NodeSnapshot snapshot) => snapshot with
    {
        Jobs = [.. Whole(snapshot.Jobs).Select(Of)],
        Resources = snapshot.Resources with { Gpus = Whole(snapshot.Resources.Gpus) },
    };

    public static JobFacts Of(JobFacts facts) => facts with
    {
        Ranks = [.. Whole(facts.Ranks).Select(rank => rank with { Metrics = Whole(rank.Metrics) })],
        Shards = [.. Whole(facts.Shards).Select(Of)],
    };

    public static NodeAssignments Of(NodeAssignments assignments) =>
        assignments with { Jobs = [.. Whole(assignments.Jobs).Select(Of)] };

    public static JobAssignment Of(JobAssignment assignment) => assignment with
    {
        Launch = assignment.Launch with
        {
            Ranks = [.. Whole(assignment.Launch.Ranks).Select(rank => rank with { Gpus = Whole(rank.Gpus) })],
            Specification = WholeSpecification.Of(assignment.Launch.Specification),
        },
    };

    public static KeeperJournal Of(KeeperJournal journal) => journal with
    {
        Exits = Whole(journal.Exits),
        Shards = [.. Whole(journal.Shards).Select(Of)],
    };

    public static AgentJournal Of(AgentJournal journal) => journal with { Jobs = Whole(journal.Jobs) };

    private static ShardFacts Of(ShardFacts shard)
    {
        var files = Whole(shard.Files);
        var bytes = 0L;
        foreach (var file in files)
            bytes = file.Bytes >= 0 && file.Bytes <= long.MaxValue - bytes
                ? bytes + file.Bytes
                : throw new JsonException($"the files of a shard cannot have {file.Bytes} bytes besides {bytes}");
        return shard with { Files = files };
    }

    public static ImmutableSortedDictionary<string, string> Secrets(ImmutableSortedDictionary<string, string>? secrets)
    {
        var whole = Whole(secrets);
        return whole.ContainsValue(null!) ? throw new JsonException("a secret has no value") : whole;
    }

    private static ImmutableArray<T> Whole<T>(ImmutableArray<T> list) => WholeSpecification.List(list);

    private static ImmutableSortedDictionary<string, T> Whole<T>(ImmutableSortedDictionary<string, T>? map) => WholeSpecification.Map(map);
}
