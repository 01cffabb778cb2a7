namespace Muster.Codecs.TcpStore;

/// <summary>What a TCPStore server takes from a client, whatever the client declares. Breaking one closes the connection.</summary>
public sealed record TcpStoreLimits
{
    /// <summary>Bytes of a key, prefixes included. As PyTorch's own server.</summary>
    public int KeyBytesMax { get; init; } = 8192;

    /// <summary>Bytes of a value. As PyTorch's own server.</summary>
    public int ValueBytesMax { get; init; } = 8 << 20;

    /// <summary>Keys in one request. As PyTorch's own server.</summary>
    public int KeysMax { get; init; } = 131_072;

    /// <summary>Bytes of one request.</summary>
    public int RequestBytesMax { get; init; } = 64 << 20;

    /// <summary>Whether clients of torch 2.0 and older are served: they say nothing by which another program could be told from them.</summary>
    public bool Legacy { get; init; } = true;
}
