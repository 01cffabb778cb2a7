using Muster.Primitives;

namespace Muster.Runtime;

/// <summary>Posts the time into an inbox, period after period, until disposed.</summary>
/// <remarks>A tick is dropped when the inbox is full: the next one carries the time.</remarks>
public sealed class Ticker : IDisposable
{
    private readonly ITimer _timer;

    private Ticker(ITimer timer) => _timer = timer;

    /// <summary>Starts to tick; the first tick comes one period from now.</summary>
    /// <param name="clock">Whose time.</param>
    /// <param name="period">Between ticks; at least 1 ms.</param>
    /// <param name="inbox">Where ticks go.</param>
    /// <param name="tick">Makes the inbox's item; called on a timer's thread.</param>
    /// <exception cref="ArgumentOutOfRangeException">The period is shorter than 1 ms.</exception>
    public static Ticker Start<T>(MonotonicClock clock, TimeSpan period, Inbox<T> inbox, Func<Instant, T> tick)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.FromMilliseconds(1));
        return new Ticker(clock.Time.CreateTimer(_ => inbox.TryPost(tick(clock.Now)), null, period, period));
    }

    /// <summary>Stops; a tick under way may still arrive.</summary>
    public void Dispose() => _timer.Dispose();
}
