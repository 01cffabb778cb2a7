using Muster.Checkpoints.Digests;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Records;
using Muster.Primitives;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>A key of a checkpoint means: the manifest and every shard are on the disk, whole, and would survive a power loss now.</summary>
/// <remarks>Source: RELIABILITY §3, Checkpoints: a published manifest names every shard of one generation, with digests; publication
/// is atomic and durable; the newest published one is restorable after any crash.</remarks>
internal sealed class CommittedIsDurable(ClusterRun run) : ClusterInvariant(run)
{
    public override string Claim => "a committed checkpoint is durable and whole";

    public override void Changed(JobChange change)
    {
        foreach (var (name, record) in change.After.Checkpoints)
        {
            if (!change.Before.Checkpoints.ContainsKey(name))
                Verify(name, record, $"committed at revision {change.At}");
        }
    }

    public override void AfterPowerLoss() => VerifyAll("after a power loss");

    public override void AtEnd() => VerifyAll("at the end");

    private void VerifyAll(string when)
    {
        foreach (var (name, record) in Run.History.Job(Run.Job).Checkpoints)
            Verify(name, record, when);
    }

    private void Verify((long Step, long Generation) name, CheckpointRecord record, string when)
    {
        if (Run.Faults.Damaged.ContainsKey(name))
            return;
        var disk = Run.Host.FilesDisk;
        var where = $"checkpoint {name.Step}.{name.Generation}, {when}";
        var bytes = disk.ReadDurable(record.ManifestPath.Trim('/'));
        Require(bytes is not null, $"{where}: the manifest is not on the disk");
        if (bytes is null)
            return;
        Require(Xxh3.Format(Xxh3.Of(bytes)) == record.Checkpoint.Manifest, $"{where}: the manifest is another one");
        var manifest = (ManifestCodec.Decode(ByteString.Copy(bytes)) as ManifestResult.Read)?.Manifest;
        Require(manifest is not null && manifest.WorldSize == Run.Plan.Ranks && manifest.Generation.Number == name.Generation && manifest.Step.Number == name.Step,
            $"{where}: the manifest cannot be read or names something else");
        var directory = record.ManifestPath[..record.ManifestPath.LastIndexOf('/')].Trim('/');
        foreach (var shard in manifest?.Shards ?? [])
        {
            foreach (var file in shard.Files)
            {
                var found = disk.ReadDurable($"{directory}/{CheckpointLayout.RankName(shard.Rank)}/{file.Name}");
                Require(found is not null && Xxh3.Format(Xxh3.Of(found)) == file.Digest, $"{where}: {file.Name} of rank {shard.Rank} is missing or torn: {file.Bytes} bytes, {file.Digest} promised, {found?.Length ?? -1} there");
            }

            var weights = disk.ReadDurable($"{directory}/{CheckpointLayout.RankName(shard.Rank)}/weights");
            Require(weights is not null && weights.AsSpan().SequenceEqual(Run.Training.Expected(name.Step, shard.Rank.Number)),
                $"{where}: the state of rank {shard.Rank} is not that of step {name.Step}");
        }
    }
}
