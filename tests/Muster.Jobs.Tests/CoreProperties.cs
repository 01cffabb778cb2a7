using System.Collections.Immutable;
using System.Globalization;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Coordinator;
using Muster.Jobs.Failures;
using Muster.Jobs.Nodes;
using Muster.Jobs.Placement;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Specification;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Tests;

/// <summary>Laws of the parts, against oracles so simple that they are obviously right.</summary>
public sealed class CoreProperties(ITestOutputHelper output)
{
    private const int Cases = 20_000;

    [Fact]
    public void Retention_keeps_the_last_good_ones_the_pinned_and_the_one_restored_from() => ForAll(random =>
    {
        var checkpoints = Checkpoints(random);
        var keep = random.Next(1, 5);
        var restoreFrom = random.Chance(0.5) && !checkpoints.IsEmpty ? random.Pick(checkpoints).Value.Name() : null;

        var gone = Retention.ToGo(checkpoints, keep, 0, restoreFrom, []).Select(stored => stored.Value.Name()).ToHashSet();

        var newest = checkpoints.Select(stored => stored.Value).OrderBy(c => c.Checkpoint.Step.Number * 1000 + c.Checkpoint.Generation.Number).Reverse().ToList();
        foreach (var checkpoint in newest)
        {
            var goodAndNewer = newest.TakeWhile(other => other != checkpoint).Count(other => other.Quarantine is null);
            Assert.Equal(goodAndNewer >= keep && !checkpoint.Pinned && checkpoint.Name() != restoreFrom, gone.Contains(checkpoint.Name()));
        }

        Assert.True(newest.TrueForAll(c => c.Quarantine is not null) || newest.Exists(c => c.Quarantine is null && !gone.Contains(c.Name())));
        return gone.Count == 0 ? "nothing goes" : gone.Count == 1 ? "one goes" : "more go";
    });

    [Fact]
    public void A_restart_resumes_from_the_newest_usable_checkpoint_and_never_afresh_when_one_was_committed() => ForAll(random =>
    {
        var checkpoints = Checkpoints(random);
        ImmutableArray<Suspect> suspects = [.. checkpoints.Where(_ => random.Chance(0.3)).Select(stored => new Suspect(stored.Value.Name(), "x"))];

        var choice = RestoreChoice.Choose(checkpoints, 0, suspects);

        var usable = checkpoints.Where(stored => stored.Value.Quarantine is null && suspects.All(suspect => suspect.Checkpoint != stored.Value.Name()))
            .Select(stored => stored.Value.Checkpoint).OrderBy(c => c.Step.Number * 1000 + c.Generation.Number).LastOrDefault();
        Assert.Equal(checkpoints.IsEmpty, choice is RestoreChoice.Beginning);
        Assert.Equal(usable, (choice as RestoreChoice.From)?.Checkpoint);
        return choice.GetType().Name;
    });

    [Fact]
    public void A_checkpoint_is_committed_only_when_all_shards_of_one_generation_are_durable() => ForAll(random =>
    {
        var ranks = random.Next(1, 5);
        var generation = Generation(ranks);
        var shards = Enumerable.Range(0, random.Next(12))
            .Select(_ => (Generation: random.Next(1, 4), Step: random.Next(1, 4), Rank: random.Next(0, ranks))).ToList();
        var facts = shards.GroupBy(shard => shard.Generation).Select(group => new JobFacts
        {
            Job = new("j"), Generation = new(group.Key), Phase = NodePhase.Running,
            Shards = [.. group.Select(shard => new ShardFacts(new(shard.Step), new(shard.Rank), []))],
        });
        var newest = random.Next(-1, 3);

        var found = CommitCandidates.Next(generation, facts, newest < 0 ? null : new TrainingStep(newest));

        var expected = Enumerable.Range(1, 3).FirstOrDefault(step => step > newest && Enumerable.Range(0, ranks).All(rank => shards.Contains((2, step, rank))));
        Assert.Equal(expected, found.IsEmpty ? 0 : found[0].Step.Number);
        Assert.Equal(expected == 0 ? [] : Enumerable.Range(0, ranks), found.Select(shard => shard.Rank.Number));
        return expected == 0 ? "none" : "one";
    });

    [Fact]
    public void A_pause_doubles_from_the_shortest_to_the_longest() => ForAll(random =>
    {
        var restart = new RestartSpecification { BackoffMin = TimeSpan.FromSeconds(random.Next(0, 20)), BackoffMax = TimeSpan.FromSeconds(random.Next(20, 400)) };
        var charged = random.Next(1, 40);
        var status = Status() with { ChargedInARow = charged, Restarts = [new(new(1), new(ReasonKind.RankExited))] };

        var pause = RestartBudget.Pause(restart, status, new());

        var seconds = restart.BackoffMin.TotalSeconds;
        for (var i = 1; i < charged; i++)
            seconds = Math.Min(restart.BackoffMax.TotalSeconds, seconds == 0 ? 1 : seconds * 2);
        Assert.Equal(TimeSpan.FromSeconds(seconds), pause);
        return pause == restart.BackoffMax ? "longest" : pause == TimeSpan.Zero ? "none" : "between";
    });

    [Fact]
    public void A_gang_is_placed_whole_on_free_gpus_of_one_type_or_not_at_all() => ForAll(random =>
    {
        var nodes = Enumerable.Range(0, random.Next(1, 5)).Select(i => new GpuNode(new($"n{i}"), [.. Enumerable.Range(0, random.Next(0, 6)).Select(_ => random.Chance(0.5) ? "A" : "B")])).ToList();
        var table = new NodeTable(new());
        table.Listed(nodes.Select(node => node.Node).ToHashSet(), [], default);
        foreach (var node in nodes)
            table.Reported(new() { Node = node.Node, Incarnation = 1, Sequence = 1, Address = node.Node.Name, Resources = new(1, 1, node.Gpus), Jobs = [] }, default);
        var capacity = new Capacity(StoreListing.Empty, table, [], default);
        var held = nodes.ToDictionary(node => node.Node, _ => new HashSet<int>());
        var placed = 0;
        for (var job = 0; job < 6; job++)
        {
            var specification = Wanting(random);
            var free = nodes.Count(node => node.Gpus.Where((type, gpu) => type == specification.Resources.Accelerators[0].Type && !held[node.Node].Contains(gpu)).Count() >= specification.Resources.Accelerators[0].Count);
            var other = nodes.Count(node => node.Gpus.Where((type, gpu) => type == specification.Resources.Accelerators[^1].Type && !held[node.Node].Contains(gpu)).Count() >= specification.Resources.Accelerators[^1].Count);

            var placement = GangPlacement.Choose(new($"j{job}"), specification, capacity, []);

            Assert.Equal(free >= specification.Gang.NodesMin || other >= specification.Gang.NodesMin, placement is GangPlacement.Placed);
            if (placement is not GangPlacement.Placed whole)
                continue;

            placed++;
            var count = free >= specification.Gang.NodesMin ? free : other;
            Assert.Equal(Math.Min(specification.Gang.NodesMax, count), whole.Nodes.Length);
            Assert.Equal(Enumerable.Range(0, whole.Nodes.Sum(node => node.Ranks)), whole.Nodes.SelectMany(node => GpuShares.Split(node)).Select(rank => rank.Rank.Number));
            foreach (var part in whole.Nodes)
            {
                Assert.All(part.Gpus, gpu => Assert.True(held[part.Node].Add(gpu), "a GPU is granted twice"));
                Assert.Single(part.Gpus.Select(gpu => nodes.Find(node => node.Node == part.Node)!.Gpus[gpu]).Distinct());
                Assert.True(GpuShares.Split(part).SelectMany(rank => rank.Gpus).ToHashSet().IsSubsetOf(part.Gpus));
            }

            capacity.Hold(new GenerationRecord
            {
                Generation = new(1), Submission = 1, Attempt = default, Nodes = whole.Nodes, MasterPort = 0, CheckpointRoot = "/", Specification = specification,
            });
        }

        return $"{placed} placed";
    });

    [Fact]
    public void A_manifest_reads_back_the_same_and_any_changed_byte_is_refused_or_canonical() => ForAll(random =>
    {
        var manifest = new Manifest
        {
            Job = new("j"), Step = new(random.Next(1000)), Generation = new(random.Next(1, 9)), Token = new(new(random.NextUInt64()), new(random.Next(99))),
            WorldSize = 2,
            Shards = [.. Enumerable.Range(0, 2).Select(rank => new ShardFacts(default, new(rank), [new("a/b.bin", random.Next(99), new('0', 32)), new("é", 1, new('f', 32))]))],
        };
        manifest = manifest with { Shards = [.. manifest.Shards.Select(shard => shard with { Step = manifest.Step })] };
        var bytes = ManifestCodec.Encode(manifest);
        Assert.Equal(bytes, ManifestCodec.Encode(Assert.IsType<ManifestResult.Read>(ManifestCodec.Decode(bytes)).Manifest));

        var changed = bytes.Span.ToArray();
        changed[random.Next(changed.Length)] = (byte)random.Next(256);
        var result = ManifestCodec.Decode(new(random.Chance(0.1) ? changed[..random.Next(changed.Length)] : changed));

        if (result is ManifestResult.Read read)
            Assert.Equal(new(changed), ManifestCodec.Encode(read.Manifest));
        return result is ManifestResult.Refused(var error, _) ? error.ToString() : "read";
    });

    private sealed record GpuNode(NodeId Node, ImmutableArray<string> Gpus);

    private static JobSpecification Wanting(SeededRandom random)
    {
        var low = random.Next(1, 3);
        return new JobSpecification
        {
            Name = new("j"), Run = ["x"], WorkingDirectory = "/",
            Gang = new() { NodesMin = low, NodesMax = low + random.Next(0, 2), ProcessesPerNode = random.Next(1, 4) },
            Resources = new() { Accelerators = random.Chance(0.5) ? [new("A", random.Next(1, 4))] : [new("B", random.Next(1, 4)), new("A", random.Next(1, 4))] },
        };
    }

    private static GenerationRecord Generation(int ranks) => new()
    {
        Generation = new(2), Submission = 1, Attempt = default, MasterPort = 0, CheckpointRoot = "/c",
        Nodes = [new(new("a"), "a", new(0), ranks, [])],
        Specification = new() { Name = new("j"), Run = ["x"], WorkingDirectory = "/" },
    };

    private static StatusRecord Status() =>
        new() { Phase = JobPhase.Waiting, Reason = new(ReasonKind.Submitted), Submission = 1, Restarts = [], Suspects = [] };

    private static ImmutableArray<Stored<CheckpointRecord>> Checkpoints(SeededRandom random) =>
    [
        .. Enumerable.Range(0, random.Next(8)).Select(_ => (Step: random.Next(1, 8), Generation: random.Next(1, 4))).Distinct().Order()
            .Select(name => new Stored<CheckpointRecord>(
                new()
                {
                    Checkpoint = new(new(name.Step), new(name.Generation), 1, ""), Submission = 1, ManifestPath = "/c/j/x/manifest.json", ManifestBytes = 1, Bytes = 1,
                    Pinned = random.Chance(0.2), Quarantine = random.Chance(0.3) ? new(random.Chance(0.5), "x") : null,
                },
                new(1), new(1))),
    ];

    private void ForAll(Func<SeededRandom, string> law)
    {
        var seed = Seeds.Base;
        var distribution = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0UL; i < Cases; i++)
        {
            try
            {
                var kind = law(new(seed + i));
                distribution[kind] = distribution.GetValueOrDefault(kind) + 1;
            }
            catch (Exception wrong)
            {
                throw new InvalidOperationException($"MUSTER_SEED={seed + i}: {wrong.Message}", wrong);
            }
        }

        output.WriteLine($"distribution: {Cases} cases from seed {seed}: {string.Join(", ", distribution.Select(entry => $"{entry.Key} {entry.Value}"))}");
    }
}

internal static class Seeds
{
    public static ulong Base { get; } =
        ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 1;
}
