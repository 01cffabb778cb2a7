namespace Muster.Codecs.ZooKeeper;

/// <summary>Bodies of requests, as they follow a request's header.</summary>
public static class ZooKeeperRequests
{
    /// <summary>A whole packet: header and body.</summary>
    /// <param name="xid">The request's number.</param>
    /// <param name="operation">What.</param>
    /// <param name="body">From the methods below.</param>
    public static byte[] Packet(int xid, ZooKeeperOperation operation, ReadOnlySpan<byte> body)
    {
        var packet = new byte[8 + body.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(packet, xid);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(4), (int)operation);
        body.CopyTo(packet.AsSpan(8));
        return packet;
    }

    /// <summary>Reading a node, its facts or its children.</summary>
    /// <param name="path">Which; absolute at the server.</param>
    /// <param name="watch">Whether to tell once when it changes.</param>
    public static byte[] Read(string path, bool watch) => new JuteWriter().Text(path).Flag(watch).ToArray();

    /// <summary>Creating a persistent node.</summary>
    public static byte[] Create(string path, ReadOnlyMemory<byte> data, ZnodeAcl acl)
    {
        var writer = new JuteWriter();
        new ZnodeWrite.Create(path, data, acl).Write(writer);
        return writer.ToArray();
    }

    /// <summary>Creating a node that ends with the session, or whose name the server numbers, or both.</summary>
    /// <param name="path">Its name, or the beginning of it.</param>
    /// <param name="data">Its data.</param>
    /// <param name="acl">Who may do what.</param>
    /// <param name="ephemeral">Whether it ends with the session.</param>
    /// <param name="sequential">Whether the server appends ten digits that only rise.</param>
    public static byte[] Create(string path, ReadOnlyMemory<byte> data, ZnodeAcl acl, bool ephemeral, bool sequential)
    {
        var writer = new JuteWriter().Text(path).Buffer(data);
        acl.Write(writer);
        return writer.Int((ephemeral ? 1 : 0) | (sequential ? 2 : 0)).ToArray();
    }

    /// <summary>Deleting a node.</summary>
    /// <param name="path">Which.</param>
    /// <param name="version">The version it must have; -1 for any.</param>
    public static byte[] Delete(string path, int version) => new JuteWriter().Text(path).Int(version).ToArray();

    /// <summary>Replacing a node's data.</summary>
    /// <param name="path">Which.</param>
    /// <param name="data">With what.</param>
    /// <param name="version">The version it must have; -1 for any.</param>
    public static byte[] SetData(string path, ReadOnlyMemory<byte> data, int version) =>
        new JuteWriter().Text(path).Buffer(data).Int(version).ToArray();

    /// <summary>Bringing the connected server up to the leader.</summary>
    public static byte[] Sync(string path) => new JuteWriter().Text(path).ToArray();

    /// <summary>Watching a node and everything below it until the connection ends.</summary>
    public static byte[] AddWatchBelow(string path) => new JuteWriter().Text(path).Int(1).ToArray();

    /// <summary>Credentials: <c>user:password</c> in scheme <c>digest</c>.</summary>
    public static byte[] Auth(string scheme, ReadOnlyMemory<byte> credentials) =>
        new JuteWriter().Int(0).Text(scheme).Buffer(credentials).ToArray();
}
