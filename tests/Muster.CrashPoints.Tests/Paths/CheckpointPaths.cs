using System.Collections.Immutable;
using Muster.Checkpoints.Digests;
using Muster.CrashPoints.Tests.Harness;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Nodes;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.CrashPoints.Tests.Paths;

/// <summary>Checkpoints whose content follows from their names, so that a recovery knows what must be there.</summary>
internal static class CheckpointPaths
{
    public const string Root = "checkpoints";

    public static JobId Job { get; } = new("crash");

    public static Generation First { get; } = new(1);

    /// <summary>From this step on a shard is one small file: what a recovery goes on with.</summary>
    public static TrainingStep Small { get; } = new(100);

    /// <summary>What a rank writes: less than a sector, several sectors in a directory below, and nothing.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Content(TrainingStep step, Rank rank)
    {
        var chance = new SeededRandom((ulong)((step.Number * 1000) + rank.Number));
        return step >= Small ? [("part/weights", Bytes(chance, 100))] : [("a", Bytes(chance, 200)), ("empty", []), ("part/weights", Bytes(chance, 1100))];
    }

    /// <summary>The same as a manifest names it.</summary>
    public static ShardFacts Facts(TrainingStep step, Rank rank) => new(
        step, rank, [.. Content(step, rank).Select(file => new ShardFile(file.Name, file.Bytes.Length, Xxh3.Format(Xxh3.Of(file.Bytes))))]);

    public static Manifest Manifest(TrainingStep step, Generation generation, int worldSize) => new()
    {
        Job = Job,
        Step = step,
        Generation = generation,
        Token = new FencingToken(new ClusterId(7), new Revision(9)),
        WorldSize = worldSize,
        Shards = [.. Enumerable.Range(0, worldSize).Select(rank => Facts(step, new Rank(rank)))],
    };

    public static string Directory(TrainingStep step, Generation generation) =>
        CheckpointLayout.CheckpointDirectory(Root, Job, step, generation);

    public static string Shard(TrainingStep step, Generation generation, Rank rank) =>
        CheckpointLayout.ShardDirectory(Root, Job, step, generation, rank);

    /// <summary>Writes a shard as a program does: nothing of it is synced.</summary>
    public static async Task WriteAsync(IVolume volume, string directory, TrainingStep step, Rank rank)
    {
        // A program's own directory is not durable when it is made; the volume's are, until they are renamed.
        await volume.CreateDirectoryAsync(directory);
        await volume.CreateDirectoryAsync($"{directory}/made");
        await volume.RenameAsync($"{directory}/made", $"{directory}/part");
        foreach (var (name, bytes) in Content(step, rank))
        {
            using var file = await volume.OpenAsync($"{directory}/{name}", VolumeOpen.CreateNew);
            if (bytes.Length > 0)
                await file.WriteAsync(0, bytes);
        }
    }

    public static void RequireFacts(ImmutableArray<ShardFile> found, TrainingStep step, Rank rank)
    {
        if (!found.SequenceEqual(Facts(step, rank).Files))
            throw new CrashPointException($"the shard of {rank} at {step} was named '{string.Join(' ', found)}'");
    }

    private static byte[] Bytes(SeededRandom chance, int count)
    {
        var bytes = new byte[count];
        chance.Fill(bytes);
        return bytes;
    }
}
