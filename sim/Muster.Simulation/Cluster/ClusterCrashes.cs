using Muster.Primitives;
using Muster.Runtime;
using Muster.Server.Coordination;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Cluster;

/// <summary>Kills processes, and the host's power, between any two effects.</summary>
internal sealed class ClusterCrashes(ClusterRun run) : ICrashPlan
{
    private readonly SeededRandom _chance = new(run.Plan.Seed ^ 0xDEAD_5EED);

    /// <summary>Failures of a process that are its way to stop: the disk refused, or it leads no more.</summary>
    public static bool IsCrash(Exception failure) => failure switch
    {
        VolumeException or LeadershipLostException or TransportException => true,
        InvalidOperationException { InnerException: { } inner } => IsCrash(inner),
        _ => false,
    };

    public bool KillsBefore(SimulatedProcess process, long effect, string what)
    {
        if (!run.Faults.AreActive)
            return false;
        if (_chance.Chance(run.Plan.PowerLossChance))
        {
            run.World.After(TimeSpan.Zero, run.Faults.LosePower);
            run.Faults.Reach($"power lost at an effect of {process.Name}");
            return true;
        }

        if (!_chance.Chance(run.Plan.CrashChances.GetValueOrDefault(process.Name)))
            return false;
        run.Faults.Reach($"{process.Name} crashes before an effect");
        return true;
    }
}
