using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>Every bound of the keyspace, with etcd's defaults. All members of a cluster must use the same.</summary>
/// <remarks>A limit is part of what a command means: two machines with different limits end in different states.</remarks>
public sealed record KeyspaceLimits
{
    /// <summary>The defaults.</summary>
    public static KeyspaceLimits Default { get; } = new();

    /// <summary>
    /// Keys and values in one writing transaction, in bytes; default 1.5 MiB. Above: <see cref="StoreRefusal.RequestTooLarge"/>.
    /// </summary>
    public long RequestBytesMax { get; init; } = 3 * 512 * 1024;

    /// <summary>
    /// Guards, or operations of one branch, in one transaction; default 128. What an enclosing level uses is taken from the
    /// levels inside. Above: <see cref="StoreRefusal.TooManyOperations"/>.
    /// </summary>
    public int OperationsMax { get; init; } = 128;

    /// <summary>Shortest lease, in seconds; default 2. Shorter ones are raised to it.</summary>
    public long LeaseSecondsMin { get; init; } = 2;

    /// <summary>Longest lease, in seconds; default 9,000,000,000. Above: <see cref="StoreRefusal.LeaseTooLong"/>.</summary>
    public long LeaseSecondsMax { get; init; } = 9_000_000_000;

    /// <summary>
    /// Clients whose last request is remembered; default 16,384. One more forgets the client whose last applied request is
    /// the oldest; a request of a forgotten client that is sent again is applied again.
    /// </summary>
    public int ClientsMax { get; init; } = 16_384;

    /// <summary>
    /// Keys and values in a result kept for a repeated request, in bytes; default 16 KiB. A larger result is not kept: its
    /// repetition is answered with <see cref="CommandResult.Passed"/>.
    /// </summary>
    public long RememberedResultBytesMax { get; init; } = 16 * 1024;

    /// <summary>
    /// Keys and values in one batch of a watch, in bytes; default 1 MiB. A batch ends with the revision that passes it, so one
    /// revision is never divided.
    /// </summary>
    public long WatchBatchBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Events looked at for one batch of a watch; default 16,384. Then the cursor moves on without a batch.</summary>
    public int WatchEventsScannedMax { get; init; } = 16_384;

    /// <summary>Open watches of one hub; default 1,000,000. Above, the watch is refused.</summary>
    public int WatchesMax { get; init; } = 1_000_000;
}
