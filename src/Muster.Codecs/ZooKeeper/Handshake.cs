namespace Muster.Codecs.ZooKeeper;

/// <summary>A client's first packet: a new session, or the wish to go on with one.</summary>
/// <param name="LastZxid">Newest change the client knows of: a server that is behind it closes the connection.</param>
/// <param name="Timeout">Length of the session that the client wishes.</param>
/// <param name="Session">0 for a new session.</param>
/// <param name="Password">Proof of the session; 16 zero bytes for a new one.</param>
public sealed record ConnectRequest(long LastZxid, TimeSpan Timeout, long Session, ReadOnlyMemory<byte> Password)
{
    /// <summary>Bytes of a session's password.</summary>
    public const int PasswordBytes = 16;

    /// <summary>As it is sent.</summary>
    public byte[] Encode() => new JuteWriter()
        .Int(0).Long(LastZxid).Int((int)Timeout.TotalMilliseconds).Long(Session).Buffer(Password).Flag(false).ToArray();

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CodecException">The bytes are no such request.</exception>
    public static ConnectRequest Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new JuteReader(bytes, "ZooKeeper connect request");
        reader.Int();
        var request = new ConnectRequest(reader.Long(), TimeSpan.FromMilliseconds(reader.Int()), reader.Long(), reader.Buffer());
        if (reader.Remaining > 0)
            reader.Flag();
        reader.End();
        return request;
    }
}

/// <summary>A server's first packet.</summary>
/// <param name="Timeout">The session's length as granted; zero or less: the session asked for has ended.</param>
/// <param name="Session">Its id.</param>
/// <param name="Password">Proof of it, for other servers.</param>
public sealed record ConnectResponse(TimeSpan Timeout, long Session, ReadOnlyMemory<byte> Password)
{
    /// <summary>Whether the session asked for has ended; its id must never be used again.</summary>
    public bool IsExpired => Timeout <= TimeSpan.Zero;

    /// <summary>As it is sent.</summary>
    public byte[] Encode() => new JuteWriter()
        .Int(0).Int((int)Timeout.TotalMilliseconds).Long(Session).Buffer(Password).Flag(false).ToArray();

    /// <summary>Reads a server's answer; the last byte is missing from old servers.</summary>
    /// <exception cref="CodecException">The bytes are no such answer.</exception>
    public static ConnectResponse Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new JuteReader(bytes, "ZooKeeper connect response");
        reader.Int();
        var response = new ConnectResponse(TimeSpan.FromMilliseconds(reader.Int()), reader.Long(), reader.Buffer());
        if (reader.Remaining > 0)
            reader.Flag();
        reader.End();
        return response;
    }
}

/// <summary>The beginning of every packet from a server after the first.</summary>
/// <param name="Xid">The request's number, or one of the reserved ones.</param>
/// <param name="Zxid">The server's newest change.</param>
/// <param name="Error">Why it refused.</param>
public readonly record struct ReplyHeader(int Xid, long Zxid, ZooKeeperError Error)
{
    /// <summary>Xid of a watch's notice.</summary>
    public const int NoticeXid = -1;

    /// <summary>Xid of pings and their answers.</summary>
    public const int PingXid = -2;

    /// <summary>Xid of credentials and their answer.</summary>
    public const int AuthXid = -4;

    /// <summary>Bytes of a header.</summary>
    public const int Bytes = 16;

    /// <summary>As it is sent.</summary>
    public byte[] Encode() => new JuteWriter().Int(Xid).Long(Zxid).Int((int)Error).ToArray();

    /// <summary>Reads the header of a packet; the body follows it.</summary>
    /// <exception cref="CodecException">The packet is too short.</exception>
    public static ReplyHeader Decode(ReadOnlySpan<byte> packet)
    {
        var reader = new JuteReader(packet, "ZooKeeper reply");
        return new(reader.Int(), reader.Long(), (ZooKeeperError)reader.Int());
    }
}
