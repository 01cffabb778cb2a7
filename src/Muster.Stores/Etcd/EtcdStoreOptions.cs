namespace Muster.Stores.Etcd;

/// <summary>Limits and habits of a store in etcd.</summary>
public sealed record EtcdStoreOptions
{
    /// <summary>The defaults.</summary>
    public static EtcdStoreOptions Default { get; } = new();

    /// <summary>How long opening waits for the first answer; default 30 s. Then <see cref="StoreUnavailableException"/>.</summary>
    public TimeSpan OpenWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call waits for an answer, over all servers; default 5 s. Then <see cref="StoreUnavailableException"/>.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one server may take to answer what may be asked of another too; default 1.5 s.</summary>
    public TimeSpan ServerWithin { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>Between two rounds over all servers, at first; default 25 ms. It doubles up to <see cref="RetryAfterMax"/>, less a share by chance.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Between two rounds at most; default 1 s.</summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Silence of a stream of watches after which the server is asked how far it is, and again until the stream is given up; default 3 s.</summary>
    public TimeSpan WatchSilence { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the mark of a request with an id is kept; default 24 h. Sent again later than that, it is done again.</summary>
    public TimeSpan RequestsKept { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Calls under way at once; default 65,536. One more is refused: too many requests.</summary>
    public int CallsMax { get; init; } = 65_536;
}
