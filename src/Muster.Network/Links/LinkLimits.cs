namespace Muster.Network;

/// <summary>Limits of links.</summary>
public sealed record LinkLimits
{
    /// <summary>The defaults.</summary>
    public static LinkLimits Default { get; } = new();

    /// <summary>Bytes in a frame; default 64 MiB. A longer one sent throws <see cref="ArgumentException"/>; a longer one
    /// announced by the peer closes the link.</summary>
    public int FrameBytesMax { get; init; } = 64 << 20;

    /// <summary>Frames that wait to be sent; default 65,536. One more closes the link.</summary>
    public int QueuedFramesMax { get; init; } = 65_536;

    /// <summary>Bytes that wait to be sent; default 128 MiB. More closes the link.</summary>
    public int QueuedBytesMax { get; init; } = 128 << 20;

    /// <summary>Connections that the kernel holds for a listener until it takes them; default 512. Others wait or are refused.</summary>
    public int Backlog { get; init; } = 512;
}

/// <summary>How a frame's length is written.</summary>
internal enum LengthOrder
{
    /// <summary>Lowest byte first: links between our own processes.</summary>
    LittleEndian,

    /// <summary>Highest byte first: ZooKeeper's protocol.</summary>
    BigEndian,
}
