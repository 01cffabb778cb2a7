using Muster.Jobs.Views;
using Muster.Primitives;
using Muster.Simulation.Invariants;
using Muster.Simulation.Kernel;
using Muster.Simulation.Training;

namespace Muster.Simulation.Cluster;

/// <summary>What came of one seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Trace">Hash of everything that happened.</param>
/// <param name="Records">How much that was.</param>
/// <param name="Virtual">How long it took, in virtual time.</param>
/// <param name="Reached">Faults and states that happened, with how often.</param>
/// <param name="Failure">What was broken; null: nothing.</param>
/// <param name="Lines">The end of the trace, when it was kept.</param>
public sealed record ClusterResult(
    ulong Seed, ulong Trace, long Records, TimeSpan Virtual, IReadOnlyDictionary<string, long> Reached, string? Failure, IReadOnlyCollection<string> Lines);

/// <summary>One seed: the real store, coordinator, agent and keepers with fake ranks, faults, and then peace.</summary>
public sealed class ClusterRun
{
    private readonly SortedDictionary<(JobId Job, Generation Generation), FakeCollective> _collectives = [];

    private ClusterRun(ulong seed, string? plant, int traceLines)
    {
        Plan = ClusterPlan.Draw(seed);
        Plant = plant;
        Crashes = new ClusterCrashes(this);
        World = new SimulatedWorld(seed, new SimulationOptions
        {
            TraceLines = traceLines,
            Crashes = Crashes,
            TimersLateBy = Plan.TimersLateBy,
            IsCrash = ClusterCrashes.IsCrash,
        });
        Training = new TrainingState(seed, Plan.Ranks);
        Invariants = new ClusterInvariants(this);
        History = new StoreHistory(this);
        Faults = new ClusterFaults(this);
        Host = new ClusterHost(this);
        Person = new Person(this);
    }

    internal ClusterPlan Plan { get; }

    /// <summary>A bug planted in the simulation itself, to prove that the checkers bite.</summary>
    internal string? Plant { get; }

    internal SimulatedWorld World { get; }

    internal ClusterCrashes Crashes { get; }

    internal TrainingState Training { get; }

    internal ClusterInvariants Invariants { get; }

    internal StoreHistory History { get; }

    internal ClusterFaults Faults { get; }

    internal ClusterHost Host { get; }

    internal Person Person { get; }

    internal JobId Job => Plan.Specification.Name;

    /// <summary>Runs a seed to its verdict.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="plant">A bug to plant: see <see cref="PlantedFaults"/>; null: none.</param>
    /// <param name="traceLines">Trace lines to keep.</param>
    public static ClusterResult Run(ulong seed, string? plant = null, int traceLines = 0)
    {
        var run = new ClusterRun(seed, plant, traceLines);
        string? failure = null;
        try
        {
            run.Live();
        }
        catch (SimulationException broken)
        {
            failure = broken.Message;
        }

        return new ClusterResult(seed, run.World.Trace.Hash, run.World.Trace.Records, run.World.Now, run.Faults.Reached, failure, run.World.Trace.Lines);
    }

    internal FakeCollective Collective(JobId job, Generation generation, int worldSize)
    {
        if (!_collectives.TryGetValue((job, generation), out var collective))
            _collectives[(job, generation)] = collective = new FakeCollective(World, worldSize, Plan.CollectiveTellsOfDeath);
        return collective;
    }

    private void Live()
    {
        Host.Boot();
        Person.Begin();
        Faults.Begin();
        World.RunFor(Plan.FaultsFor);
        Faults.End();
        var healed = World.Now;
        var completed = World.RunUntil(() => History.Job(Job).Status?.Phase == JobPhase.Completed && Faults.IsOver, Plan.CompletesWithin);
        Invariants.Require("the job completes once nothing fails any more", completed,
            $"{Plan.CompletesWithin.TotalSeconds} s after the last fault at {healed.TotalSeconds:0.0} s it is {Describe()}");
        var released = World.RunUntil(() => !Host.Host.Table.ListTagged().Any(), Plan.Specification.Liveness.OrphanAfter + TimeSpan.FromSeconds(130));
        Invariants.Require("no orphan is left", released,
            $"still there: {string.Join(", ", Host.Host.Table.Living.Select(process => process.Process))}");
        Invariants.AtEnd();
        World.RunFor(TimeSpan.FromSeconds(1));
    }

    private string Describe()
    {
        var job = History.Job(Job);
        return $"{job.Status?.Phase} ({job.Status?.Reason.Text}), generation {job.Current?.Generation} {job.Current?.State}";
    }
}
