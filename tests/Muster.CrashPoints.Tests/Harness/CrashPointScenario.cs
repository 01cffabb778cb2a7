using Muster.Runtime;
using Muster.Simulation.Disk;

namespace Muster.CrashPoints.Tests.Harness;

/// <summary>A path of writes that must survive a crash at any of its disk calls.</summary>
/// <remarks>Instances hold no state of a run: everything is on the disk and in the ledger.</remarks>
public abstract class CrashPointScenario
{
    /// <summary>For messages and counts.</summary>
    public abstract string Name { get; }

    /// <summary>Whether syncs complete in a later turn, so that calls overlap.</summary>
    public virtual bool SyncsTakeTurns => false;

    /// <summary>Makes the disk as it is before the path; no crash happens here. What is left un-synced stays so.</summary>
    public virtual Task PrepareAsync(SimulatedDisk disk, Ledger ledger) => Task.CompletedTask;

    /// <summary>The path. It notes in the ledger what it attempts, before, and what was acknowledged, after.</summary>
    public abstract Task RunAsync(IVolume volume, Ledger ledger);

    /// <summary>Starts on whatever a crash left, throws when a promise is broken, and notes what it promises from now on.</summary>
    /// <remarks>It should also go on a little: what it then promises is checked after further crashes.</remarks>
    public abstract Task RecoverAsync(IVolume volume, Ledger ledger);
}
