using Muster.Primitives;

namespace Muster.Runtime;

/// <summary>Turns a process's time provider into the instants that cores receive.</summary>
/// <remarks>Counts from its creation, by the monotonic clock: steps of the wall clock do not show. One per process.</remarks>
public sealed class MonotonicClock(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();

    /// <summary>Where it reads, for timers that must agree with it.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>The present.</summary>
    public Instant Now => new(Time.GetElapsedTime(_origin));
}
