namespace Muster.Simulation.Kernel;

/// <summary>A simulated run came to a verdict against the code it ran.</summary>
public class SimulationException : Exception
{
    /// <summary>A verdict without a seed.</summary>
    public SimulationException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}

/// <summary>Work arrived from a thread that is not the simulation's: the run cannot be replayed.</summary>
/// <remarks>Causes: <c>ConfigureAwait(false)</c>, <c>Task.Run</c>, <c>await foreach</c> over a channel, a timer without the
/// process's time provider, real I/O.</remarks>
public sealed class ForeignContinuationException(string process, string what)
    : SimulationException($"{process}: {what} from a thread that is not the simulation's. Look for ConfigureAwait(false), Task.Run, " +
        "await foreach over a channel, a timer without the process's TimeProvider, or real I/O")
{
    /// <summary>The process whose loop was left.</summary>
    public string Process { get; } = process;
}
