using Muster.Checkpoints.Digests;
using Muster.Checkpoints.Directories;
using Muster.Checkpoints.Shards;
using Muster.CrashPoints.Tests.Harness;
using Muster.Jobs.Checkpoints;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Server.Coordination;
using Muster.Simulation.Disk;

namespace Muster.CrashPoints.Tests.Paths;

/// <summary>Shards of two ranks, then the manifest that makes a checkpoint of them, written twice as after a lost answer.</summary>
public sealed class ManifestWritten : CrashPointScenario
{
    private const int WorldSize = 2;

    public override string Name => "manifest";

    public override Task PrepareAsync(SimulatedDisk disk, Ledger ledger) =>
        SealAsync(disk.Mount(), new TrainingStep(1), CheckpointPaths.First);

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        await PublishAsync(volume, ledger, new TrainingStep(1), CheckpointPaths.First);
        await SealAsync(volume, CheckpointPaths.Small, CheckpointPaths.First);
        await PublishAsync(volume, ledger, CheckpointPaths.Small, CheckpointPaths.First);
        await PublishAsync(volume, ledger, CheckpointPaths.Small, CheckpointPaths.First);
    }

    public override async Task RecoverAsync(IVolume volume, Ledger ledger)
    {
        var directory = new CheckpointDirectory(volume, CheckpointPaths.Root, CheckpointPaths.Job);
        var found = await directory.ListAsync();
        foreach (var checkpoint in found.Where(checkpoint => checkpoint.HasManifest))
        {
            var digest = Digest(CheckpointPaths.Manifest(checkpoint.Step, checkpoint.Generation, WorldSize));
            if (await directory.FindDamageAsync(checkpoint.Step, checkpoint.Generation, digest) is { } damage)
                throw new CrashPointException($"a manifest is there, and {damage}");
        }

        var committed = found.Where(checkpoint => checkpoint.HasManifest).Select(checkpoint => checkpoint.Step.ToString()).ToHashSet();
        if (ledger.Attempted.Take(ledger.Promised).FirstOrDefault(step => !committed.Contains(step)) is { } lost)
            throw new CrashPointException($"the manifest of {lost} was acknowledged and is not there");

        // The answer was lost: the same coordinator's successor writes the same manifest again, and only then it counts.
        ledger.Resume(ledger.Attempted.Take(ledger.Promised));
        foreach (var checkpoint in found.Where(checkpoint => checkpoint.HasManifest))
            await PublishAsync(volume, ledger, checkpoint.Step, checkpoint.Generation);
    }

    internal static async Task SealAsync(IVolume volume, TrainingStep step, Generation generation)
    {
        for (var rank = 0; rank < WorldSize; rank++)
        {
            var shard = CheckpointPaths.Shard(step, generation, new Rank(rank));
            await CheckpointPaths.WriteAsync(volume, shard, step, new Rank(rank));
            await new ShardSealer(volume).SealAsync(shard);
        }
    }

    internal static async Task PublishAsync(IVolume volume, Ledger ledger, TrainingStep step, Generation generation)
    {
        ledger.Attempt(step.ToString());
        var manifest = CheckpointPaths.Manifest(step, generation, WorldSize);
        var path = "/" + CheckpointLayout.ManifestPath(CheckpointPaths.Root, CheckpointPaths.Job, step, generation);
        var digest = await new CheckpointFiles(volume).WriteManifestAsync(path, ManifestCodec.Encode(manifest));
        if (digest != Digest(manifest))
            throw new CrashPointException($"the manifest's digest was said to be {digest}");
        ledger.PromiseAll();
    }

    internal static string Digest(Manifest manifest) => Xxh3.Format(Xxh3.Of(ManifestCodec.Encode(manifest).Span));
}

/// <summary>Retention and the sweep: what is deleted is gone for good, what is left on the way has no manifest.</summary>
public sealed class CheckpointDeleted : CrashPointScenario
{
    private const int Deleted = 1;
    private const int Kept = 2;
    private const int Orphan = 3;

    public override string Name => "checkpoint deletion";

    public override async Task PrepareAsync(SimulatedDisk disk, Ledger ledger)
    {
        var volume = disk.Mount();
        foreach (var step in (int[])[Deleted, Kept, Orphan])
            await ManifestWritten.SealAsync(volume, new TrainingStep(step), CheckpointPaths.First);
        foreach (var step in (int[])[Deleted, Kept])
            await ManifestWritten.PublishAsync(volume, new Ledger(), new TrainingStep(step), CheckpointPaths.First);
    }

    public override Task RunAsync(IVolume volume, Ledger ledger) => DeleteAsync(volume, ledger);

    public override async Task RecoverAsync(IVolume volume, Ledger ledger)
    {
        var directory = new CheckpointDirectory(volume, CheckpointPaths.Root, CheckpointPaths.Job);
        var found = await directory.ListAsync();
        foreach (var checkpoint in found.Where(checkpoint => checkpoint.HasManifest))
        {
            if (await directory.FindDamageAsync(checkpoint.Step, checkpoint.Generation, digest: null) is { } damage)
                throw new CrashPointException($"a manifest is there, and {damage}");
        }

        if (!found.Any(checkpoint => checkpoint is { HasManifest: true, Step.Number: Kept }))
            throw new CrashPointException("the checkpoint that nobody deleted is not there");
        foreach (var gone in ledger.Attempted.Take(ledger.Promised))
        {
            if (found.Any(checkpoint => checkpoint.Step.ToString() == gone))
                throw new CrashPointException($"checkpoint {gone} was deleted, and is there again");
        }

        ledger.Resume(ledger.Attempted.Take(ledger.Promised));
        await DeleteAsync(volume, ledger);
    }

    private static async Task DeleteAsync(IVolume volume, Ledger ledger)
    {
        var files = new CheckpointFiles(volume);
        ledger.Attempt($"{Deleted}");
        await files.DeleteAsync("/" + CheckpointPaths.Directory(new TrainingStep(Deleted), CheckpointPaths.First));
        ledger.PromiseAll();
        ledger.Attempt($"{Orphan}");
        await files.SweepAsync(
            "/" + CheckpointLayout.JobDirectory(CheckpointPaths.Root, CheckpointPaths.Job), CheckpointPaths.First, [new TrainingStep(Kept)]);
        ledger.PromiseAll();
    }
}
