using Muster.Primitives;

namespace Muster.Jobs.Checkpoints;

/// <summary>Where a checkpoint's files lie: <c>&lt;root&gt;/&lt;job&gt;/&lt;step&gt;.&lt;generation&gt;/rank-&lt;r&gt;/…</c>.</summary>
/// <remarks>A path names job, step, generation and rank, so it is never written twice. See docs/formats/manifest.md.</remarks>
public static class CheckpointLayout
{
    /// <summary>Name of the manifest in a checkpoint's directory.</summary>
    public const string ManifestName = "manifest.json";

    /// <summary>The directory of all of a job's checkpoints.</summary>
    public static string JobDirectory(string root, JobId job) => $"{root.TrimEnd('/')}/{job}";

    /// <summary>The directory of one checkpoint.</summary>
    public static string CheckpointDirectory(string root, JobId job, TrainingStep step, Generation generation) =>
        $"{JobDirectory(root, job)}/{DirectoryName(step, generation)}";

    /// <summary>Name of a checkpoint's directory: <c>&lt;step&gt;.&lt;generation&gt;</c>.</summary>
    public static string DirectoryName(TrainingStep step, Generation generation) => $"{step}.{generation}";

    /// <summary>Reads the name of a checkpoint's directory.</summary>
    /// <returns>False when it is none.</returns>
    public static bool TryParseDirectoryName(string name, out TrainingStep step, out Generation generation) =>
        Records.JobKeys.TryParseCheckpoint(name, out step, out generation) && DirectoryName(step, generation) == name;

    /// <summary>Name of a rank's directory in a checkpoint's.</summary>
    public static string RankName(Rank rank) => $"rank-{rank}";

    /// <summary>The directory of one rank's files.</summary>
    public static string ShardDirectory(string root, JobId job, TrainingStep step, Generation generation, Rank rank) =>
        $"{CheckpointDirectory(root, job, step, generation)}/{RankName(rank)}";

    /// <summary>The manifest's path.</summary>
    public static string ManifestPath(string root, JobId job, TrainingStep step, Generation generation) =>
        $"{CheckpointDirectory(root, job, step, generation)}/{ManifestName}";
}
