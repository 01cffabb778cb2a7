using Muster.Disk.Log;
using Muster.Keyspace;

namespace Muster.Stores.Embedded;

/// <summary>Limits and habits of the embedded engine.</summary>
public sealed record EmbeddedStoreOptions
{
    /// <summary>The defaults.</summary>
    public static EmbeddedStoreOptions Default { get; } = new();

    /// <summary>Limits of the keys themselves.</summary>
    public KeyspaceLimits Keyspace { get; init; } = KeyspaceLimits.Default;

    /// <summary>Limits of the log.</summary>
    public LogLimits Log { get; init; } = LogLimits.Default;

    /// <summary>Records after the last snapshot that bring the next one; default 50,000.</summary>
    public long SnapshotEveryRecords { get; init; } = 50_000;

    /// <summary>Bytes of log after the last snapshot that bring the next one; default 128 MiB.</summary>
    public long SnapshotEveryBytes { get; init; } = 128L << 20;

    /// <summary>Revisions of history that are kept; default 10,000. Twice as many bring a compaction.</summary>
    public long HistoryRevisions { get; init; } = 10_000;

    /// <summary>
    /// Bytes of keys, values and their records, history included, that clients may fill; default 2 GiB. A client's write beyond it is
    /// refused with <see cref="Primitives.StoreRefusal.SpaceExceeded"/> and raises the NOSPACE alarm; the server's own may use a tenth more.
    /// </summary>
    public long QuotaBytes { get; init; } = 2L << 30;

    /// <summary>Time between looks at the leases' deadlines; default 500 ms.</summary>
    public TimeSpan LeaseTick { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Requests that may wait for the disk; default 10,000. More are refused with
    /// <see cref="Primitives.StoreRefusal.TooManyRequests"/>.</summary>
    public int WaitingMax { get; init; } = 10_000;
}
