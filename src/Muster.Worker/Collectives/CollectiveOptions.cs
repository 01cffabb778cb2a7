namespace Muster.Worker.Collectives;

/// <summary>What carries the bytes between ranks.</summary>
public enum CollectiveTransport
{
    /// <summary>Shared memory when all ranks are on one host and can map one region, TCP otherwise.</summary>
    Auto = 0,

    /// <summary>One anonymous region that all ranks map. Needs one host, one process namespace and one user.</summary>
    SharedMemory = 1,

    /// <summary>A ring of Unix sockets with abstract names. Needs one host and one network namespace.</summary>
    UnixSocket = 2,

    /// <summary>A ring of TCP connections.</summary>
    Tcp = 3,
}

/// <summary>Time limits, transport and sizes of a <see cref="CollectiveGroup"/>.</summary>
/// <remarks>Rank 0's transport and sizes apply to the whole group; a rank that insists on another transport is refused.</remarks>
public sealed record CollectiveOptions
{
    /// <summary>The largest world size of any group. A larger one is refused by <see cref="CollectiveGroup.Connect"/>.</summary>
    public const int WorldSizeMax = 1024;

    /// <summary>The largest world size over shared memory. Past it, Auto takes Unix sockets.</summary>
    public const int SharedMemoryWorldSizeMax = 256;

    /// <summary>The longest any one call may take. Default 5 minutes. Past it the call fails with
    /// <see cref="CollectiveFailure.PeerSlow"/>, naming the rank that held it up.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest that <see cref="CollectiveGroup.Connect"/> may take, from the first rank to arrive to the last.
    /// Default 5 minutes. Past it Connect fails, naming a missing rank.</summary>
    public TimeSpan MeetingTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What carries the bytes. Default <see cref="CollectiveTransport.Auto"/>.</summary>
    public CollectiveTransport Transport { get; init; } = CollectiveTransport.Auto;

    /// <summary>Bytes per rank that are in flight at once: the unit of pipelining. Default 256 KiB; 4 KiB to 64 MiB.</summary>
    /// <remarks>Changes speed, never results.</remarks>
    public int ChunkBytes { get; init; } = 256 * 1024;

    /// <summary>Messages up to this many bytes take the path with the fewest waits instead of the one with the fewest bytes.
    /// Default 16 KiB; 0 to <see cref="ChunkBytes"/>.</summary>
    /// <remarks>Changes speed, never results.</remarks>
    public int SmallMessageBytesMax { get; init; } = 16 * 1024;

    internal void Check()
    {
        Require(Timeout > TimeSpan.Zero && Timeout <= TimeSpan.FromDays(7), nameof(Timeout), "between 0 and 7 days", Timeout);
        Require(MeetingTimeout > TimeSpan.Zero && MeetingTimeout <= TimeSpan.FromDays(7), nameof(MeetingTimeout),
            "between 0 and 7 days", MeetingTimeout);
        Require(Enum.IsDefined(Transport), nameof(Transport), "one of the named transports", Transport);
        Require(ChunkBytes is >= 4096 and <= 64 << 20, nameof(ChunkBytes), "between 4 KiB and 64 MiB", ChunkBytes);
        Require(SmallMessageBytesMax >= 0 && SmallMessageBytesMax <= ChunkBytes, nameof(SmallMessageBytesMax),
            $"between 0 and {nameof(ChunkBytes)}", SmallMessageBytesMax);
    }

    private static void Require(bool holds, string name, string range, object value)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"CollectiveOptions.{name} must be {range}.");
    }
}
