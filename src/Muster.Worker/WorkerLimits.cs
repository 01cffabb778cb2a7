namespace Muster.Worker;

/// <summary>What a training program keeps waiting, and how long it waits.</summary>
internal static class WorkerLimits
{
    /// <summary>Metric values kept until they are sent; past it the oldest reports are dropped.</summary>
    public const int MetricsMax = 16_384;

    /// <summary>Longest line a keeper may send, in bytes; past it the stream is given up and opened again.</summary>
    public const int LineBytesMax = 64 * 1024;

    /// <summary>Longest head of an HTTP answer, in bytes.</summary>
    public const int HeadBytesMax = 16 * 1024;

    /// <summary>Longest body of an HTTP answer read whole, in bytes (a list of shards of some thousand ranks).</summary>
    public const int BodyBytesMax = 16 * 1024 * 1024;

    /// <summary>Time between two sendings of reports.</summary>
    public static readonly TimeSpan FlushEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Silence on the stream of wishes after which it counts as broken (the keeper speaks every 10 s).</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(30);

    /// <summary>First pause before connecting again; doubles up to <see cref="PauseMax"/>.</summary>
    public static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest pause before connecting again.</summary>
    public static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    /// <summary>Time that leaving waits for the last reports to be taken.</summary>
    public static readonly TimeSpan FarewellMax = TimeSpan.FromSeconds(1);
}
