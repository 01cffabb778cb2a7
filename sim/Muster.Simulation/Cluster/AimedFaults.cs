using Muster.Jobs.Checkpoints;
using Muster.Primitives;
using Muster.Simulation.Disk;
using Muster.Simulation.Training;

namespace Muster.Simulation.Cluster;

/// <summary>Faults that show a bug only when another follows at the right time, which chance alone hardly ever brings about.</summary>
/// <remarks>They draw from a chance of their own: a seed that meets none of them is what it was without them.</remarks>
internal sealed class AimedFaults(ClusterRun run)
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(0.3);

    private readonly SeededRandom _chance = new(run.Plan.Seed ^ 0xA13E_D0F5);
    private bool _failsNextSync;
    private bool _hasHung;

    public void Begin()
    {
        if (run.Plan.LosesSyncAt is { } at)
            run.World.After(at, () => _failsNextSync = run.Faults.AreActive);
        if (run.Plan.DamagesAt is { } from)
            run.World.After(from, Damage);
    }

    /// <summary>A rank that lives once nothing else fails: one of a run may still hang, which somebody must notice.</summary>
    public RankHabits HabitsInPeace()
    {
        if (_hasHung || run.Plan.HangsInPeaceAfter is not { } steps)
            return RankHabits.Good;
        _hasHung = true;
        return RankHabits.Good with { EndsAfter = steps, Hangs = true };
    }

    /// <summary>Whether a sync of the store's log fails now: its pages are lost, the server comes back at once, and the power goes later.</summary>
    public bool FailsSync(string process, DiskCall call)
    {
        if (!_failsNextSync || process != "server" || call.Operation != "sync" || !call.Path.EndsWith(".log", StringComparison.Ordinal))
            return false;
        _failsNextSync = false;
        run.Faults.Reach("a sync of the log fails, and power is lost later");
        run.World.After(Between(0.3, 3), () =>
        {
            if (run.Faults.AreActive)
                run.Faults.LosePower();
        });
        return true;
    }

    /// <summary>
    /// Changes one bit of the newest checkpoint, never of the last one that can be restored; waits for one where there is none. Mostly
    /// the job must resume from it at once, and the keeper checks it so slowly that whoever does not wait reads the damage.
    /// </summary>
    public void Damage()
    {
        if (!run.Faults.AreActive)
            return;
        if (Target() is not var (name, path))
        {
            run.World.After(s_lookEvery, Damage);
            return;
        }

        run.Faults.Reach(nameof(FaultKind.CheckpointDamaged));
        run.Host.FilesDisk.FlipBit(path, 8 * _chance.Next(24));
        if (run.Plant != PlantedFaults.SilentDamage)
            run.Faults.Damaged.Add(name, run.World.Now);
        if (!_chance.Chance(0.7))
            return;
        run.Faults.SlowDisks(Between(4, 10), "keeper");
        if (run.Faults.Any(_chance.Pick(["rank", "rank", "keeper"])) is not { } victim)
            return;
        run.Faults.Reach("a damaged checkpoint is restored at once");
        victim.Kill();
    }

    private ((long Step, long Generation) Name, string Path)? Target()
    {
        var good = run.History.Job(run.Job).Checkpoints
            .Where(entry => entry.Value.Quarantine is null && !run.Faults.Damaged.ContainsKey(entry.Key)).ToList();
        if (good.Count < 2)
            return null;
        var name = good[^1].Key;
        var rank = new Rank(_chance.Next(run.Plan.Ranks));
        var directory = CheckpointLayout.ShardDirectory(ClusterHost.CheckpointRoot, run.Job, new(name.Step), new(name.Generation), rank).Trim('/');
        var path = $"{directory}/{(run.Plan.HasSubdirectory && _chance.Chance(0.2) ? "optimizer/part" : "weights")}";
        return run.Host.FilesDisk.Files().Contains(path) ? (name, path) : null;
    }

    private TimeSpan Between(double low, double high) => _chance.Between(TimeSpan.FromSeconds(low), TimeSpan.FromSeconds(high));
}
