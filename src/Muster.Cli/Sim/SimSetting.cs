using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Simulating;
using Muster.Scheduling.Throughputs;
using Muster.Scheduling.Traces;

namespace Muster.Cli.Sim;

/// <summary>Everything of a run but its policy, seed and rate.</summary>
internal sealed record SimSetting(
    ClusterShape Cluster, ThroughputTable Table, MechanismOptions Mechanism, bool MultiGpu, int First, int? Last, IReadOnlyList<TraceJob>? Trace,
    string? TraceName, int StuckRounds, uint? PolicySeed)
{
    /// <summary>Plays one run to its end.</summary>
    public SimulationResult Run(string policy, uint seed, double jobsPerHour, IRunObserver? observer = null)
    {
        try
        {
            var workload = Trace ?? new TraceGenerator(new TraceOptions(seed, jobsPerHour, MultiGpu), Table).Endless();
            var options = new SimulationOptions(Mechanism, seed + 5, First, Last, StuckRounds);
            return new Simulator(Cluster, Table, PolicyCatalogue.Create(policy, PolicySeed ?? seed), workload, options, observer).Run();
        }
        catch (Exception e) when (e is Scheduling.SchedulingInputException or Scheduling.Solvers.SolverTroubleException)
        {
            throw new CliException(ExitCode.Usage, e.Message);
        }
    }

    /// <summary>The setting in words, equal for equal settings.</summary>
    public override string ToString() =>
        $"{Cluster}, {(TraceName is null ? MultiGpu ? "multi-GPU jobs" : "single-GPU jobs" : TraceName)}, rounds of {Mechanism.RoundSeconds:0.###} s, " +
        $"jobs {First}:{(Last is { } last ? last : "all")}{(Mechanism.KeepServersWhole ? ", whole servers" : "")}{(PolicySeed is { } seed ? $", policy seed {seed}" : "")}";
}
