namespace Muster.Network.Streams;

/// <summary>What a <see cref="StreamServer"/> gives to one client, and to all.</summary>
public sealed record StreamServerLimits
{
    /// <summary>Connections at once; one more is closed at once.</summary>
    public int ConnectionsMax { get; init; } = 65_536;

    /// <summary>Connections that the kernel holds for us: a whole job connects in one instant.</summary>
    public int Backlog { get; init; } = 65_535;

    /// <summary>Within which a connection must send its first byte. Afterwards it may be idle for days.</summary>
    public TimeSpan FirstByte { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes that one client may leave unread before it is closed.</summary>
    public int OutputBytesMax { get; init; } = 1 << 30;

    /// <summary>Bytes of incomplete requests and unread answers of all connections; whoever needs more is closed.</summary>
    public long BufferedBytesMax { get; init; } = 2L << 30;
}
