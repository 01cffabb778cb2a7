using System.Collections.Immutable;
using Muster.Checkpoints.Digests;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Nodes;
using Muster.Primitives;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>What a rank is told to be durable would survive a power loss in that moment, names included.</summary>
/// <remarks>Source: design §6, steps 3 and 4; STYLE: persist, then publish.</remarks>
internal sealed class AcknowledgedShardsAreDurable(ClusterRun run) : ClusterInvariant(run)
{
    public override string Claim => "an acknowledged shard is durable";

    public override void Acknowledged(JobId job, Generation generation, long step, int rank, ImmutableArray<ShardFile> files)
    {
        var directory = CheckpointLayout.ShardDirectory(ClusterHost.CheckpointRoot, job, new(step), generation, new(rank)).Trim('/');
        Require(files.Any(file => file.Name == "weights"), $"{directory} is acknowledged without its file");
        foreach (var file in files)
        {
            var bytes = Run.Host.FilesDisk.ReadDurable($"{directory}/{file.Name}");
            Require(bytes is not null && bytes.Length == file.Bytes && Xxh3.Format(Xxh3.Of(bytes)) == file.Digest,
                $"{directory}/{file.Name} would not survive a power loss");
        }
    }
}
