namespace Muster.Stores.ZooKeeper;

/// <summary>Limits and habits of a store in ZooKeeper.</summary>
public sealed record ZooKeeperStoreOptions
{
    /// <summary>The defaults.</summary>
    public static ZooKeeperStoreOptions Default { get; } = new();

    /// <summary>Length of the session asked for; default 10 s. The servers may grant another. Nothing of the store hangs on it.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long opening waits for the first answer; default 30 s. Then <see cref="StoreUnavailableException"/>.</summary>
    public TimeSpan OpenWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call waits for an answer, over reconnections; default 5 s. Then <see cref="StoreUnavailableException"/>.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Between looks at leases; default 200 ms. A lease ends between its term and its term plus about two looks.</summary>
    public TimeSpan LeaseTick { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Between two tries to reach a server, at first; default 50 ms. It doubles up to <see cref="RetryAfterMax"/>, less a share by chance.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Between two tries at most; default 2 s.</summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Calls that wait at once; default 65,536. One more is refused: too many requests.</summary>
    public int WaitingMax { get; init; } = 65_536;

    /// <summary>Calls that share one commit; default 64.</summary>
    public int BatchCallsMax { get; init; } = 64;

    /// <summary>
    /// Bytes of keys and values in one commit; default 720 KiB, so that with its record it stays under the servers' packet limit
    /// (jute.maxbuffer, 1 MiB less one byte). One transaction above is refused: request is too large.
    /// </summary>
    public int CommitBytesMax { get; init; } = 720 * 1024;

    /// <summary>
    /// Bytes of one commit's packet; default 1,000,000, under the servers' limit (jute.maxbuffer). A transaction that deletes so many
    /// keys that it would be larger is refused: request is too large.
    /// </summary>
    public int PacketBytesMax { get; init; } = 1_000_000;

    /// <summary>Commits kept for those who are behind; default 512. Who is further behind reads everything again.</summary>
    public int CommitsKept { get; init; } = 512;

    /// <summary>Clients whose last request is remembered; default 1,024.</summary>
    public int ClientsMax { get; init; } = 1_024;
}
