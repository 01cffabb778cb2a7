using System.Collections.Immutable;

namespace Muster.Codecs.ZooKeeper;

/// <summary>What a server tells about a node.</summary>
/// <param name="Created">Zxid of its creation.</param>
/// <param name="Modified">Zxid of its last change of data.</param>
/// <param name="Version">Changes of its data since creation; begins at 0 again when a name is used again.</param>
/// <param name="EphemeralOwner">Session that it ends with; 0 for none.</param>
/// <param name="DataLength">Bytes of data.</param>
/// <param name="Children">Number of children.</param>
public sealed record ZnodeStat(long Created, long Modified, int Version, long EphemeralOwner, int DataLength, int Children)
{
    /// <summary>Bytes of a stat.</summary>
    public const int Bytes = 68;

    internal void Write(JuteWriter writer) => writer
        .Long(Created).Long(Modified).Long(0).Long(0).Int(Version).Int(0).Int(0).Long(EphemeralOwner).Int(DataLength).Int(Children).Long(0);

    internal static ZnodeStat Read(ref JuteReader reader)
    {
        var (created, modified) = (reader.Long(), reader.Long());
        reader.Long();
        reader.Long();
        var version = reader.Int();
        reader.Int();
        reader.Int();
        var (owner, length, children) = (reader.Long(), reader.Int(), reader.Int());
        reader.Long();
        return new(created, modified, version, owner, length, children);
    }
}

/// <summary>A watch's notice.</summary>
/// <param name="Event">What happened.</param>
/// <param name="Path">To which node.</param>
public sealed record ZnodeNotice(ZooKeeperEvent Event, string Path)
{
    /// <summary>As it is sent, after the header.</summary>
    public byte[] Encode() => new JuteWriter().Int((int)Event).Int(3).Text(Path).ToArray();

    /// <summary>Reads the body of a notice.</summary>
    /// <exception cref="CodecException">The bytes are no notice.</exception>
    public static ZnodeNotice Decode(ReadOnlySpan<byte> body)
    {
        var reader = new JuteReader(body, "ZooKeeper watch notice");
        var kind = (ZooKeeperEvent)reader.Int();
        reader.Int();
        var notice = new ZnodeNotice(kind, reader.Text());
        reader.End();
        return notice;
    }
}

/// <summary>Who may do what with a node.</summary>
/// <param name="Permissions">Bits: 1 read, 2 write, 4 create, 8 delete, 16 administer.</param>
/// <param name="Scheme">How the id is to be understood.</param>
/// <param name="Id">Who.</param>
public sealed record ZnodeAcl(int Permissions, string Scheme, string Id)
{
    /// <summary>Everybody may do everything: a server without users.</summary>
    public static ZnodeAcl Open { get; } = new(31, "world", "anyone");

    /// <summary>Only who presented the same credentials.</summary>
    public static ZnodeAcl Creator { get; } = new(31, "auth", "");

    internal void Write(JuteWriter writer) => writer.Int(1).Int(Permissions).Text(Scheme).Text(Id);
}

/// <summary>A server's answers, read after their headers.</summary>
public static class ZooKeeperReplies
{
    /// <summary>A node's facts.</summary>
    /// <exception cref="CodecException">The bytes are no stat.</exception>
    public static ZnodeStat Stat(ReadOnlySpan<byte> body)
    {
        var reader = new JuteReader(body, "ZooKeeper stat");
        var stat = ZnodeStat.Read(ref reader);
        reader.End();
        return stat;
    }

    /// <summary>A node's data; null data is shown as none.</summary>
    /// <exception cref="CodecException">The bytes are no data.</exception>
    public static (byte[] Data, ZnodeStat Stat) Data(ReadOnlySpan<byte> body)
    {
        var reader = new JuteReader(body, "ZooKeeper data");
        var data = reader.Buffer() ?? [];
        var stat = ZnodeStat.Read(ref reader);
        reader.End();
        return (data, stat);
    }

    /// <summary>Names of children, in no order.</summary>
    /// <exception cref="CodecException">The bytes are no children.</exception>
    public static ImmutableArray<string> Children(ReadOnlySpan<byte> body)
    {
        var reader = new JuteReader(body, "ZooKeeper children");
        var names = new string[reader.Count(4)];
        for (var i = 0; i < names.Length; i++)
            names[i] = reader.Text();
        ZnodeStat.Read(ref reader);
        reader.End();
        return [.. names];
    }
}
