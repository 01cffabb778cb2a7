namespace Muster.Simulation.Kernel;

/// <summary>A process's loop: what is posted runs in order, on the simulation's thread, in virtual time.</summary>
internal sealed class SimulatedContext(SimulatedProcess process) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state)
    {
        // The dead post too: the finalizer thread wakes the waiters of timers that a dead process left behind.
        if (!process.IsDead && process.World.IsOnThread(process.Process, "a continuation was posted"))
            process.Enqueue(() => d(state));
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException($"{process.Process}: Send would block a loop. Post instead.");

    public override SynchronizationContext CreateCopy() => this;
}
