using Muster.Worker.Checkpoints;

namespace Muster.Worker.Alone;

/// <summary>Checkpoints of a program that runs without Muster: a directory per step, complete or absent.</summary>
/// <remarks>
/// A checkpoint is written into <c>.STEP.partial</c>, synced, and renamed to <c>STEP</c>: the rename is the commit.
/// </remarks>
internal sealed class AloneCheckpoints(string root, int keep) : ICheckpointHome
{
    private const string Partial = ".partial";

    /// <summary>Step and directory of the newest checkpoint, or null.</summary>
    public (long Step, string Directory)? Newest =>
        Committed().Select(step => ((long, string)?)(step, PathOf(step))).FirstOrDefault();

    public Begun Begin(long step, bool background)
    {
        try
        {
            Directory.CreateDirectory(root);
            foreach (var left in Directory.EnumerateDirectories(root, ".*" + Partial))
                Directory.Delete(left, recursive: true);       // of a run that was killed while it saved
            return new Begun(Directory.CreateDirectory(PartialPath(step)).FullName, null);
        }
        catch (IOException full) when (DiskFull.Is(full))
        {
            return new Begun(null, full.Message);
        }
    }

    public string? Complete(long step, bool background)
    {
        var partial = PartialPath(step);
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(partial, "*", SearchOption.AllDirectories))
                Durable.Sync(path);
            Durable.Sync(partial);
            Directory.Move(partial, PathOf(step));
            Durable.Sync(root);
        }
        catch (IOException full) when (DiskFull.Is(full))
        {
            GiveUp(step);
            return full.Message;
        }

        foreach (var old in Committed().Skip(Math.Max(1, keep)))
            Directory.Delete(PathOf(old), recursive: true);
        return null;
    }

    public void GiveUp(long step) => Directory.Delete(PartialPath(step), recursive: true);

    public IReadOnlyList<ShardDirectory> Shards() =>
        Newest is var (step, directory) ? [new ShardDirectory(0, step, directory)] : [];

    private List<long> Committed() => !Directory.Exists(root) ? [] :
        [.. Directory.EnumerateDirectories(root)
            .Select(path => long.TryParse(Path.GetFileName(path), System.Globalization.NumberStyles.None, null, out var step) ? step : -1)
            .Where(step => step >= 0)
            .OrderDescending()];

    private string PathOf(long step) => Path.GetFullPath(Path.Combine(root, step.ToString()));

    private string PartialPath(long step) => Path.GetFullPath(Path.Combine(root, $".{step}{Partial}"));
}
