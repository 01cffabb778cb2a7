using Muster.Jobs.Keepers;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Disk;
using Muster.Simulation.Kernel;
using Muster.Simulation.Network;
using Muster.Simulation.Training;

namespace Muster.Simulation.Cluster;

/// <summary>Brings about a seed's faults, and ends them.</summary>
internal sealed class ClusterFaults(ClusterRun run)
{
    private readonly SortedDictionary<string, long> _reached = new(StringComparer.Ordinal);
    private readonly AimedFaults _aimed = new(run);
    private TimeSpan _slowUntil;
    private string? _slowRole;

    /// <summary>Whether faults happen.</summary>
    public bool AreActive { get; private set; }

    /// <summary>Whether everything is healthy again.</summary>
    public bool IsOver => !AreActive && run.Host.Host.IsUp;

    /// <summary>What happened, and how often.</summary>
    public IReadOnlyDictionary<string, long> Reached => _reached;

    /// <summary>Checkpoints whose bytes were changed on purpose, and when.</summary>
    public SortedDictionary<(long Step, long Generation), TimeSpan> Damaged { get; } = [];

    /// <summary>Saves that failed for the disk's or the program's sake.</summary>
    public int LostSaves { get; set; }

    /// <summary>Notes that something happened.</summary>
    public void Reach(string what) => _reached[what] = _reached.GetValueOrDefault(what) + 1;

    public void Begin()
    {
        AreActive = true;
        run.Host.Host.Table.RefuseStart = null;
        _aimed.Begin();
        Next();
    }

    /// <summary>Everything heals.</summary>
    public void End()
    {
        AreActive = false;
        run.World.Network.WithinHost = NetworkConditions.SameHost;
        run.Host.Host.Table.RefuseStart = null;
        run.Host.Host.Clock.Drift(1);
        foreach (var rank in Living("rank"))
            rank.Kill();   // what hangs or is about to misbehave ends with the faults
    }

    public RankHabits HabitsOf(SimulatedProcess rank) => AreActive ? RankHabits.Draw(rank.Chance, run.Plan.Badness) : _aimed.HabitsInPeace();

    public IDiskPlan DiskOf(SimulatedProcess process) => new RoleDisk(this, process, run.Plan.DiskErrorChance);

    /// <summary>Every disk is slow for a time, or what one role sees of it.</summary>
    public void SlowDisks(TimeSpan duration, string? role = null) => (_slowUntil, _slowRole) = (run.World.Now + duration, role);

    /// <summary>A living process of a role; null: there is none.</summary>
    public SimulatedProcess? Any(string name) => Living(name) is { Count: > 0 } living ? run.World.Faults.Pick(living) : null;

    /// <summary>The host loses power, and has it again soon.</summary>
    public void LosePower()
    {
        if (!run.Host.Host.IsUp)
            return;
        Reach("power loss");
        run.Host.Host.LosePower();
        run.Invariants.AfterPowerLoss();
        run.World.After(run.World.Faults.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(4)), () =>
        {
            run.Host.Host.PowerOn();
            run.Host.Boot();
        });
    }

    private void Next()
    {
        var wait = run.Plan.FaultEvery * -Math.Log(1 - run.World.Faults.NextDouble());
        run.World.After(wait, () =>
        {
            if (!AreActive)
                return;
            if (run.Plan.Kinds.Count > 0 && run.Host.Host.IsUp)
                Bring(run.World.Faults.Pick(run.Plan.Kinds));
            Next();
        });
    }

    private void Bring(FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.KillServer or FaultKind.KillAgent or FaultKind.KillKeeper or FaultKind.KillRank:
                if (Any(kind.ToString()[4..].ToLowerInvariant()) is { } victim)
                    Do(kind, victim.Kill);
                break;
            case FaultKind.PowerLoss:
                LosePower();
                break;
            case FaultKind.Pause:
                if (Any(run.World.Faults.Pick(["server", "agent", "keeper", "rank"])) is { } held)
                    Do(kind, () => held.Pause(Between(0.001, 20)));
                break;
            case FaultKind.LinksBreak:
                ForAWhile(kind, () => run.World.Network.WithinHost = NetworkConditions.SameHost with { BreakChance = 0.05 },
                    () => run.World.Network.WithinHost = NetworkConditions.SameHost);
                break;
            case FaultKind.LinksSlow:
                ForAWhile(kind, () => run.World.Network.WithinHost = NetworkConditions.SameHost with { DelayMax = Between(0.01, 3) },
                    () => run.World.Network.WithinHost = NetworkConditions.SameHost);
                break;
            case FaultKind.WallJumps:
                Do(kind, () => run.Host.Host.Clock.StepWall(Between(-400_000, 400_000)));
                break;
            case FaultKind.ClockDrifts:
                ForAWhile(kind, () => run.Host.Host.Clock.Drift(0.8 + (0.4 * run.World.Faults.NextDouble())), () => run.Host.Host.Clock.Drift(1));
                break;
            case FaultKind.DiskSlow:
                Do(kind, () => SlowDisks(Between(0.5, 8)));
                break;
            case FaultKind.StartRefused:
                ForAWhile(kind, () => run.Host.Host.Table.RefuseStart = _ => "no more processes", () => run.Host.Host.Table.RefuseStart = null);
                break;
            case FaultKind.CheckpointDamaged:
                _aimed.Damage();
                break;
            case FaultKind.StaleOrder:
                StaleOrder();
                break;
            default:
                run.Person.Act(kind);
                break;
        }
    }

    private void Do(FaultKind kind, Action act)
    {
        Reach(kind.ToString());
        act();
    }

    private void ForAWhile(FaultKind kind, Action begin, Action end)
    {
        Do(kind, begin);
        run.World.After(Between(0.2, 10), () =>
        {
            if (AreActive)
                end();
        });
    }

    /// <summary>An agent of the past tells a keeper to end everything.</summary>
    private void StaleOrder()
    {
        if (Any("keeper") is not { } keeper || run.Invariants.StaleToken is not { } stale)
            return;
        Do(FaultKind.StaleOrder, () =>
        {
            var arguments = Muster.Agent.Keeping.KeeperArguments.Parse(keeper.Start.Command.AsSpan()[1..]);
            run.Host.Host.Start("zombie", async zombie =>
            {
                using var link = zombie.Transport.Connect($"unix:{arguments.Directory}/keeper.sock");
                link.Start(_ => { }, _ => { });
                link.TrySend(Codecs.Nodes.NodeFrames.Encode(new KeeperOrder.Release(stale)));
                await Task.Delay(TimeSpan.FromSeconds(1), zombie.Time);
                return 0;
            });
        });
    }

    private TimeSpan Between(double low, double high) => run.World.Faults.Between(TimeSpan.FromSeconds(low), TimeSpan.FromSeconds(high));

    private List<SimulatedProcess> Living(string name) => [.. run.Host.Host.Table.Living.Where(process => process.Name == name)];

    /// <summary>One process's disk: it refuses, or is slow.</summary>
    private sealed class RoleDisk(ClusterFaults faults, SimulatedProcess process, double errorChance) : IDiskPlan
    {
        public DiskVerdict Before(DiskCall call)
        {
            if (!faults.AreActive)
                return DiskVerdict.Proceed;
            if (faults._aimed.FailsSync(process.Name, call))
                return new DiskVerdict.Failure(VolumeError.Device);
            if (process.Chance.Chance(errorChance))
            {
                var error = call.IsChange && process.Chance.Chance(0.4) ? VolumeError.Full : VolumeError.Device;
                faults.Reach($"disk of {process.Name}: {error} in {call.Operation}");
                return call.Operation == "write" && process.Chance.Chance(0.3)
                    ? new DiskVerdict.ShortWrite(process.Chance.Next(call.Bytes + 1), error)
                    : new DiskVerdict.Failure(error);
            }

            if (process.World.Now < faults._slowUntil && (faults._slowRole ?? process.Name) == process.Name)
                return new DiskVerdict.Success(process.Chance.Between(TimeSpan.Zero, TimeSpan.FromSeconds(0.5)));
            return process.Chance.Chance(0.2) ? DiskVerdict.Later : DiskVerdict.Proceed;
        }
    }
}

/// <summary>Bugs that can be planted in the simulation, to prove that its checkers bite.</summary>
public static class PlantedFaults
{
    /// <summary>Bytes of a committed checkpoint change and nobody is told.</summary>
    public const string SilentDamage = "silent-damage";

    /// <summary>A rank that resumed adds one to what it computes.</summary>
    public const string WrongSum = "wrong-sum";
}
