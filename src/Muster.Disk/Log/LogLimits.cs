namespace Muster.Disk.Log;

/// <summary>Limits of a write-ahead log.</summary>
public sealed record LogLimits
{
    /// <summary>The defaults.</summary>
    public static LogLimits Default { get; } = new();

    /// <summary>Bytes after which a segment is closed and the next begun; default 64 MiB. One frame always fits.</summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of one record; default 16 MiB. A larger one is refused with <see cref="LogLimitException"/>.</summary>
    public int RecordBytesMax { get; init; } = 16 << 20;

    /// <summary>Bytes gathered for one sync before the rest waits for the next; default 4 MiB. A single record may exceed it.</summary>
    public int FrameBytes { get; init; } = 4 << 20;

    /// <summary>Bytes that may wait for the disk; default 256 MiB. An append beyond is refused with
    /// <see cref="LogLimitException"/>.</summary>
    public long WaitingBytesMax { get; init; } = 256L << 20;
}

/// <summary>A record was refused before anything was written: the log goes on.</summary>
/// <param name="limit">Name of the limit.</param>
/// <param name="actual">What was asked, bytes.</param>
/// <param name="allowed">What is allowed, bytes.</param>
public sealed class LogLimitException(string limit, long actual, long allowed)
    : Exception($"the log refuses {actual} bytes: {limit} is {allowed}; send less at once, or raise the limit")
{
    /// <summary>Name of the limit.</summary>
    public string Limit { get; } = limit;
}

/// <summary>What a log did since it was opened.</summary>
/// <param name="Appends">Records made durable.</param>
/// <param name="Syncs">Syncs that made them so: fewer than appends where these came together.</param>
/// <param name="Bytes">Bytes of frames written.</param>
/// <param name="Segments">Segments begun.</param>
public readonly record struct LogCounters(long Appends, long Syncs, long Bytes, long Segments);
