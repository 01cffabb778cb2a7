using System.Text.Json.Serialization;
using Muster.Checkpoints.Directories;
using Muster.Disk.Posix;
using Muster.Jobs.Checkpoints;

namespace Muster.Cli.Control;

/// <summary>What reading one checkpoint's files again found; needs no store.</summary>
/// <param name="Directory">Which.</param>
/// <param name="Shards">How many shards its manifest names.</param>
/// <param name="Bytes">Of all of them.</param>
/// <param name="Trouble">The first thing that is wrong; null: it is whole.</param>
internal sealed record CheckpointCheck(string Directory, int Shards, long Bytes, string? Trouble)
{
    /// <summary>Checks a checkpoint's directory: <c>…/JOB/STEP.GENERATION</c>.</summary>
    public static async Task<CheckpointCheck> RunAsync(string directory)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        var job = Path.GetFileName(Path.GetDirectoryName(path) ?? "");
        if (!CheckpointLayout.TryParseDirectoryName(Path.GetFileName(path), out var step, out var generation) || !Primitives.JobId.IsValid(job))
            throw new CliException(ExitCode.Usage, $"{directory} is not a checkpoint's directory: those are named …/JOB/STEP.GENERATION");
        using var disk = new PosixVolume("/", readOnly: true);
        var root = Path.GetDirectoryName(Path.GetDirectoryName(path))!.TrimStart('/');
        var checkpoints = new CheckpointDirectory(disk, root, new(job));
        var (manifest, damage) = await checkpoints.ReadManifestAsync(step, generation, null);
        var trouble = damage ?? await checkpoints.FindDamageAsync(step, generation, null);
        return new(path, manifest?.Shards.Length ?? 0, manifest?.Shards.Sum(shard => shard.Bytes) ?? 0, trouble);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CheckpointCheck))]
internal sealed partial class CheckpointCheckJson : JsonSerializerContext;
