using System.Globalization;
using Muster.Checkpoints.Directories;
using Muster.Checkpoints.Shards;
using Muster.CrashPoints.Tests.Harness;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Disk;

namespace Muster.CrashPoints.Tests.Paths;

/// <summary>Shards whose digests were told to someone: their bytes are those, or the digests would be a lie.</summary>
public abstract class ShardScenario : CrashPointScenario
{
    private protected static readonly SealLimits Limits = new() { ChunkBytes = 512 };

    private protected static Rank Rank { get; } = new(0);

    public override async Task RecoverAsync(IVolume volume, Ledger ledger)
    {
        var promised = ledger.Attempted.Take(ledger.Promised).ToArray();
        foreach (var name in promised)
        {
            var step = StepOf(name);
            var shard = CheckpointPaths.Shard(step, CheckpointPaths.First, Rank);
            if (await new ShardVerifier(volume, Limits).FindDamageAsync(shard, CheckpointPaths.Facts(step, Rank)) is { } damage)
                throw new CrashPointException(damage);
        }

        // A path is never written twice: the next is one that was never begun.
        ledger.Resume(promised);
        var next = CheckpointPaths.Small;
        while ((await volume.ListAsync(CheckpointPaths.Shard(next, CheckpointPaths.First, Rank))).Count > 0
            || promised.Contains(next.ToString()))
            next = new TrainingStep(next.Number + 1);
        await PutAsync(volume, ledger, next);
    }

    private protected abstract Task PutAsync(IVolume volume, Ledger ledger, TrainingStep step);

    private static TrainingStep StepOf(string name) => new(long.Parse(name, CultureInfo.InvariantCulture));
}

/// <summary>Shards that are made durable where a program wrote them.</summary>
public sealed class ShardSealedInPlace : ShardScenario
{
    public override string Name => "shard in place";

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        for (var step = 1; step <= 2; step++)
            await PutAsync(volume, ledger, new TrainingStep(step));
    }

    private protected override async Task PutAsync(IVolume volume, Ledger ledger, TrainingStep step)
    {
        var shard = CheckpointPaths.Shard(step, CheckpointPaths.First, Rank);
        await CheckpointPaths.WriteAsync(volume, shard, step, Rank);
        ledger.Attempt(step.ToString());
        CheckpointPaths.RequireFacts(await new ShardSealer(volume, Limits).SealAsync(shard), step, Rank);
        ledger.PromiseAll();
    }
}

/// <summary>Shards that are copied from where a program wrote them.</summary>
public sealed class ShardCopied : ShardScenario
{
    public override string Name => "shard copied from staging";

    public override async Task PrepareAsync(SimulatedDisk disk, Ledger ledger)
    {
        for (var step = 1; step <= 2; step++)
            await StageAsync(disk.Mount(), new TrainingStep(step));
    }

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        for (var step = 1; step <= 2; step++)
            await CopyAsync(volume, ledger, new TrainingStep(step));
    }

    private protected override async Task PutAsync(IVolume volume, Ledger ledger, TrainingStep step)
    {
        await StageAsync(volume, step);
        await CopyAsync(volume, ledger, step);
    }

    private static string Staging(TrainingStep step) => $"memory/{step}";

    private static async Task StageAsync(IVolume volume, TrainingStep step)
    {
        if (await volume.ExistsAsync(Staging(step)))
            await DirectoryTree.DeleteAsync(volume, Staging(step));
        await CheckpointPaths.WriteAsync(volume, Staging(step), step, Rank);
        await new ShardSealer(volume).SealAsync(Staging(step));   // so that the path's own changes are all that is pending
    }

    private static async Task CopyAsync(IVolume volume, Ledger ledger, TrainingStep step)
    {
        ledger.Attempt(step.ToString());
        var shard = CheckpointPaths.Shard(step, CheckpointPaths.First, Rank);
        CheckpointPaths.RequireFacts(await new ShardSealer(volume, Limits).CopyAsync(Staging(step), shard), step, Rank);
        ledger.PromiseAll();
    }
}
