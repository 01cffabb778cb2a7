using System.Diagnostics;

namespace Muster.Worker.Collectives;

/// <summary>A moment on this process's monotonic clock. Never sent to anyone.</summary>
internal readonly struct Deadline(TimeSpan limit)
{
    private readonly long _at = Stopwatch.GetTimestamp() + (long)(limit.TotalSeconds * Stopwatch.Frequency);

    public TimeSpan Limit { get; } = limit;

    public bool Passed => Stopwatch.GetTimestamp() >= _at;

    public TimeSpan Left
    {
        get
        {
            var ticks = _at - Stopwatch.GetTimestamp();
            return ticks <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)ticks / Stopwatch.Frequency);
        }
    }

    /// <summary>What is left, in whole milliseconds, at least 1 (so that a wait sleeps) and at most <paramref name="max"/>.</summary>
    public int Milliseconds(int max) => (int)Math.Clamp(Left.TotalMilliseconds, 1, max);
}
