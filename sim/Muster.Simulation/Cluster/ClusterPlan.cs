using Muster.Disk.Log;
using Muster.Jobs.Specification;
using Muster.Primitives;
using Muster.Stores.Embedded;

namespace Muster.Simulation.Cluster;

/// <summary>What one seed runs: the job's shape, its limits, and which faults it meets how often. All drawn from the seed.</summary>
public sealed record ClusterPlan
{
    /// <summary>Where everything derives from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Ranks.</summary>
    public required int Ranks { get; init; }

    /// <summary>Steps of the whole training.</summary>
    public required long Steps { get; init; }

    /// <summary>How long a step takes.</summary>
    public required TimeSpan StepTime { get; init; }

    /// <summary>Whether shards have directories in them.</summary>
    public required bool HasSubdirectory { get; init; }

    /// <summary>Whether a collective tells its members that one of them died.</summary>
    public required bool CollectiveTellsOfDeath { get; init; }

    /// <summary>What is submitted.</summary>
    public required JobSpecification Specification { get; init; }

    /// <summary>Habits of the store.</summary>
    public required EmbeddedStoreOptions Store { get; init; }

    /// <summary>How long faults happen.</summary>
    public required TimeSpan FaultsFor { get; init; }

    /// <summary>Mean time between faults of the director's making.</summary>
    public required TimeSpan FaultEvery { get; init; }

    /// <summary>The kinds that this seed meets.</summary>
    public required IReadOnlyList<FaultKind> Kinds { get; init; }

    /// <summary>Chance of each bad habit of a rank's life.</summary>
    public required double Badness { get; init; }

    /// <summary>Chance, per effect, that the process dies before it, by role.</summary>
    public required IReadOnlyDictionary<string, double> CrashChances { get; init; }

    /// <summary>Chance, per effect of anyone, that the host loses power before it.</summary>
    public required double PowerLossChance { get; init; }

    /// <summary>Chance, per call, that the disk refuses.</summary>
    public required double DiskErrorChance { get; init; }

    /// <summary>How late timers may be.</summary>
    public required TimeSpan TimersLateBy { get; init; }

    /// <summary>Longest time from the end of the faults to completion.</summary>
    public required TimeSpan CompletesWithin { get; init; }

    /// <summary>When a sync of the store's log is made to fail; null: never on purpose.</summary>
    public required TimeSpan? LosesSyncAt { get; init; }

    /// <summary>From when on the newest checkpoint is damaged as soon as it is not the only one; null: never on purpose.</summary>
    public required TimeSpan? DamagesAt { get; init; }

    /// <summary>Steps after which a rank hangs though nothing else fails any more; null: none does.</summary>
    public required long? HangsInPeaceAfter { get; init; }

    /// <summary>Draws a plan.</summary>
    public static ClusterPlan Draw(ulong seed)
    {
        var chance = new SeededRandom(seed ^ 0xC1_0537_E12D);
        var steps = 10L + chance.Next(90);
        var ranks = chance.Pick([1, 2, 2, 3, 4]);
        var stepTime = chance.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(250));
        var aims = new SeededRandom(seed ^ 0xA135_0F_5EED);
        return new ClusterPlan
        {
            Seed = seed,
            Ranks = ranks,
            Steps = steps,
            StepTime = stepTime,
            HasSubdirectory = chance.Chance(0.3),
            CollectiveTellsOfDeath = chance.Chance(0.6),
            Specification = DrawJob(chance, steps, ranks),
            Store = DrawStore(chance),
            FaultsFor = TimeSpan.FromSeconds(4) + (steps * stepTime * (0.5 + (1.5 * chance.NextDouble()))),
            FaultEvery = chance.Between(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(5)),
            Kinds = [.. Enum.GetValues<FaultKind>().Where(_ => chance.Chance(0.35))],
            Badness = chance.Chance(0.5) ? chance.NextDouble() * 0.25 : 0,
            CrashChances = DrawCrashes(chance),
            PowerLossChance = chance.Chance(0.3) ? chance.NextDouble() * 0.001 : 0,
            DiskErrorChance = chance.Chance(0.25) ? chance.NextDouble() * 0.004 : 0,
            TimersLateBy = chance.Chance(0.2) ? chance.Between(TimeSpan.Zero, TimeSpan.FromSeconds(1)) : TimeSpan.Zero,
            CompletesWithin = TimeSpan.FromSeconds(240),
            LosesSyncAt = aims.Chance(0.1) ? TimeSpan.FromSeconds(0.5 + (5 * aims.NextDouble())) : null,
            HangsInPeaceAfter = aims.Chance(0.1) ? 1 + aims.Next(4) : null,
            DamagesAt = aims.Chance(0.25) ? TimeSpan.FromSeconds(0.5 + (5 * aims.NextDouble())) : null,
        };
    }

    private static JobSpecification DrawJob(SeededRandom chance, long steps, int ranks) => new()
    {
        Name = new("job"),
        Run = ["rank"],
        WorkingDirectory = "/",
        Gang = new() { ProcessesPerNode = ranks },
        Checkpoint = new()
        {
            Every = chance.Chance(0.15) ? 0 : 1 + chance.Next((int)Math.Min(12, steps)),
            Keep = 1 + chance.Next(3),
            UncommittedMax = 1 + chance.Next(3),
            OnStop = chance.Chance(0.7) ? OnStop.Save : OnStop.Discard,
        },
        Restart = new()
        {
            Max = chance.Chance(0.25) ? chance.Next(4) : 1000,
            BackoffMin = chance.Chance(0.5) ? TimeSpan.Zero : TimeSpan.FromMilliseconds(200),
            BackoffMax = TimeSpan.FromSeconds(2),
        },
        Liveness = new()
        {
            StartAfter = TimeSpan.FromSeconds(15),
            HangAfter = TimeSpan.FromSeconds(8),
            OrphanAfter = chance.Between(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(40)),
        },
        Stop = new() { Grace = chance.Between(TimeSpan.Zero, TimeSpan.FromSeconds(3)) },
        FailureGrace = chance.Between(TimeSpan.Zero, TimeSpan.FromSeconds(1.5)),
    };

    private static EmbeddedStoreOptions DrawStore(SeededRandom chance) => new()
    {
        SnapshotEveryRecords = chance.Chance(0.5) ? 20 + chance.Next(100) : 50_000,
        Log = chance.Chance(0.5) ? LogLimits.Default : LogLimits.Default with { SegmentBytes = 4096 + chance.Next(60_000) },
    };

    private static SortedDictionary<string, double> DrawCrashes(SeededRandom chance)
    {
        var crashes = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (role, most) in new[] { ("server", 0.006), ("agent", 0.01), ("keeper", 0.004), ("rank", 0.004) })
            crashes[role] = chance.Chance(0.35) ? chance.NextDouble() * most : 0;
        return crashes;
    }
}

/// <summary>Faults that the director brings about at times of its choosing.</summary>
public enum FaultKind
{
    /// <summary>The server is killed.</summary>
    KillServer,

    /// <summary>The agent is killed.</summary>
    KillAgent,

    /// <summary>A keeper is killed.</summary>
    KillKeeper,

    /// <summary>A rank is killed.</summary>
    KillRank,

    /// <summary>The host loses power and comes back.</summary>
    PowerLoss,

    /// <summary>A process stands still, perhaps for longer than its lease.</summary>
    Pause,

    /// <summary>Links break, for a while.</summary>
    LinksBreak,

    /// <summary>Links are slow, for a while.</summary>
    LinksSlow,

    /// <summary>The wall clock jumps.</summary>
    WallJumps,

    /// <summary>The clocks drift, for a while.</summary>
    ClockDrifts,

    /// <summary>The disk is slow, for a while.</summary>
    DiskSlow,

    /// <summary>A committed checkpoint's bytes change on the disk.</summary>
    CheckpointDamaged,

    /// <summary>Processes cannot be started, for a while.</summary>
    StartRefused,

    /// <summary>A person asks for a checkpoint.</summary>
    AskCheckpoint,

    /// <summary>A person stops the job, resumably.</summary>
    Stop,

    /// <summary>A person types the command again.</summary>
    Resume,

    /// <summary>A person cancels the job.</summary>
    Cancel,

    /// <summary>A person pins, unpins or removes a checkpoint.</summary>
    ChangeCheckpoint,

    /// <summary>An agent of the past speaks to a keeper.</summary>
    StaleOrder,
}
