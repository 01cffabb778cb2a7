using Muster.Jobs.Checkpoints;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>A rank writes into an empty directory of its own that names job, step, generation and rank, handed out once.</summary>
/// <remarks>Source: design §6, step 3: a path is never written twice.</remarks>
internal sealed class DirectoriesAreFresh(ClusterRun run) : ClusterInvariant(run)
{
    private readonly SortedSet<string> _given = new(StringComparer.Ordinal);

    public override string Claim => "a shard's directory is new, empty and its own";

    public void Given(JobId job, Generation generation, long step, int rank, string path, IReadOnlyList<VolumeEntry> entries)
    {
        Require(_given.Add(path), $"{path} is handed out twice");
        Require(entries.Count == 0, $"{path} is not empty");
        var name = CheckpointLayout.ShardDirectory("", job, new(step), generation, new(rank));
        Require(path.EndsWith(name, StringComparison.Ordinal), $"{path} does not name {name}");
    }
}
