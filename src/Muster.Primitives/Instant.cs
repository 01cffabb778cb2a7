namespace Muster.Primitives;

/// <summary>A point on one process's monotonic clock.</summary>
/// <param name="SinceOrigin">Time since an origin that only this process knows.</param>
/// <remarks>Never stored and never sent: another process's instants mean nothing here. Send durations.</remarks>
public readonly record struct Instant(TimeSpan SinceOrigin) : IComparable<Instant>
{
    /// <summary>The origin itself.</summary>
    public static Instant Origin => default;

    /// <summary>The instant <paramref name="seconds"/> after the origin; for tests and scenarios.</summary>
    public static Instant FromSeconds(double seconds) => new(TimeSpan.FromSeconds(seconds));

    /// <inheritdoc/>
    public int CompareTo(Instant other) => SinceOrigin.CompareTo(other.SinceOrigin);

    /// <summary>The later of two instants.</summary>
    public static Instant Max(Instant left, Instant right) => left >= right ? left : right;

    /// <summary>The instant a duration later.</summary>
    public static Instant operator +(Instant instant, TimeSpan duration) => new(instant.SinceOrigin + duration);

    /// <summary>The instant a duration earlier.</summary>
    public static Instant operator -(Instant instant, TimeSpan duration) => new(instant.SinceOrigin - duration);

    /// <summary>The duration between two instants.</summary>
    public static TimeSpan operator -(Instant later, Instant earlier) => later.SinceOrigin - earlier.SinceOrigin;

    /// <summary>Earlier.</summary>
    public static bool operator <(Instant left, Instant right) => left.SinceOrigin < right.SinceOrigin;

    /// <summary>Later.</summary>
    public static bool operator >(Instant left, Instant right) => left.SinceOrigin > right.SinceOrigin;

    /// <summary>Earlier or the same.</summary>
    public static bool operator <=(Instant left, Instant right) => left.SinceOrigin <= right.SinceOrigin;

    /// <summary>Later or the same.</summary>
    public static bool operator >=(Instant left, Instant right) => left.SinceOrigin >= right.SinceOrigin;

    /// <inheritdoc/>
    public override string ToString() => $"{SinceOrigin.TotalSeconds:0.###}s";
}
