namespace Muster.Simulation.Kernel;

/// <summary>Where a simulated process may die: every effect of every seam asks here first.</summary>
/// <remarks>
/// A seam's implementation calls <see cref="Effect"/> before anything that others could see or that survives. When it
/// answers false the process is dead: nothing is done, an asynchronous call awaits <see cref="Never"/>, a synchronous one
/// returns as if it had been lost. What the dead process still runs therefore has no effect, which is what "killed between
/// any two effects" means. All calls are made on the simulation's thread.
/// </remarks>
public interface ICrashPoint
{
    /// <summary>The simulated process: host, name and incarnation, such as <c>a/server#2</c>.</summary>
    string Process { get; }

    /// <summary>Whether the process has been killed; it never lives again (a restart is another incarnation).</summary>
    bool IsDead { get; }

    /// <summary>Announces an effect that is about to happen; the fault plan may kill the process instead.</summary>
    /// <param name="what">Short and stable, such as <c>disk.write wal/0001 512</c>: it enters the trace and names the crash.</param>
    /// <returns>False when the process is dead: do nothing.</returns>
    bool Effect(string what);

    /// <summary>Records what was decided outside the process, such as which write a disk tore; enters the trace.</summary>
    void Fact(string what);

    /// <summary>A task that never completes: what a dead process waits for.</summary>
    Task Never { get; }

    /// <summary>Virtual time as this process sees it, for the duration of simulated operations.</summary>
    TimeProvider Time { get; }
}
