using System.Collections.Immutable;

namespace Muster.Codecs.ZooKeeper;

/// <summary>One write of an atomic group.</summary>
public abstract record ZnodeWrite
{
    private ZnodeWrite(ZooKeeperOperation operation, string path) => (Operation, Path) = (operation, path);

    /// <summary>Which node.</summary>
    public string Path { get; }

    /// <summary>Its number on the wire.</summary>
    public ZooKeeperOperation Operation { get; }

    /// <summary>Creates a persistent node.</summary>
    public sealed record Create(string Node, ReadOnlyMemory<byte> Data, ZnodeAcl Acl) : ZnodeWrite(ZooKeeperOperation.Create, Node)
    {
        internal override void Write(JuteWriter writer)
        {
            writer.Text(Node).Buffer(Data);
            Acl.Write(writer);
            writer.Int(0);
        }
    }

    /// <summary>Deletes a node that has this version; -1 for any.</summary>
    public sealed record Delete(string Node, int Version) : ZnodeWrite(ZooKeeperOperation.Delete, Node)
    {
        internal override void Write(JuteWriter writer) => writer.Text(Node).Int(Version);
    }

    /// <summary>Replaces the data of a node that has this version; -1 for any.</summary>
    public sealed record SetData(string Node, ReadOnlyMemory<byte> Data, int Version) : ZnodeWrite(ZooKeeperOperation.SetData, Node)
    {
        internal override void Write(JuteWriter writer) => writer.Text(Node).Buffer(Data).Int(Version);
    }

    /// <summary>Requires that a node exists, with this version; -1 for any.</summary>
    public sealed record Check(string Node, int Version) : ZnodeWrite(ZooKeeperOperation.Check, Node)
    {
        internal override void Write(JuteWriter writer) => writer.Text(Node).Int(Version);
    }

    internal abstract void Write(JuteWriter writer);
}

/// <summary>What an atomic group came to.</summary>
public abstract record MultiOutcome
{
    private MultiOutcome()
    {
    }

    /// <summary>All of it is done.</summary>
    public sealed record Done : MultiOutcome;

    /// <summary>None of it is.</summary>
    /// <param name="Index">Which write was refused first.</param>
    /// <param name="Error">Why.</param>
    public sealed record Refused(int Index, ZooKeeperError Error) : MultiOutcome;
}

/// <summary>Atomic groups of writes on the wire.</summary>
public static class ZooKeeperMulti
{
    private const int End = -1;

    /// <summary>A group's body.</summary>
    public static byte[] Encode(IEnumerable<ZnodeWrite> writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        var writer = new JuteWriter();
        foreach (var write in writes)
        {
            writer.Int((int)write.Operation).Flag(false).Int(-1);
            write.Write(writer);
        }

        return writer.Int(End).Flag(true).Int(-1).ToArray();
    }

    /// <summary>Reads a group's answer. A failed group answers every write with an error: 0 before the one that failed.</summary>
    /// <remarks>The answer's own types are followed, not the request's: servers answer some writes with another type's form.</remarks>
    /// <exception cref="CodecException">The bytes are no such answer.</exception>
    public static MultiOutcome Decode(ReadOnlySpan<byte> body)
    {
        var reader = new JuteReader(body, "ZooKeeper multi response");
        MultiOutcome.Refused? refused = null;
        for (var index = 0; ; index++)
        {
            var (kind, done) = (reader.Int(), reader.Flag());
            reader.Int();
            if (done)
                break;
            var error = Skip(ref reader, kind);
            if (refused is null && error != ZooKeeperError.None)
                refused = new(index, error);
        }

        reader.End();
        return refused is null ? new MultiOutcome.Done() : refused;
    }

    /// <summary>An answer, for servers made for tests.</summary>
    public static byte[] EncodeOutcome(ImmutableArray<ZooKeeperOperation> writes, MultiOutcome outcome)
    {
        var writer = new JuteWriter();
        for (var i = 0; i < writes.Length; i++)
        {
            if (outcome is MultiOutcome.Refused(var at, var error))
            {
                var shown = i < at ? ZooKeeperError.None : i == at ? error : ZooKeeperError.RuntimeInconsistency;
                writer.Int(-1).Flag(false).Int((int)shown).Int((int)shown);
                continue;
            }

            writer.Int((int)writes[i]).Flag(false).Int(0);
            if (writes[i] == ZooKeeperOperation.Create)
                writer.Text("/");
            if (writes[i] == ZooKeeperOperation.SetData)
                new ZnodeStat(1, 1, 0, 0, 0, 0).Write(writer);
        }

        return writer.Int(End).Flag(true).Int(-1).ToArray();
    }

    private static ZooKeeperError Skip(ref JuteReader reader, int kind)
    {
        switch (kind)
        {
            case -1:
                return (ZooKeeperError)reader.Int();
            case (int)ZooKeeperOperation.Create:
                reader.Text();
                return ZooKeeperError.None;
            case (int)ZooKeeperOperation.SetData:
                ZnodeStat.Read(ref reader);
                return ZooKeeperError.None;
            case (int)ZooKeeperOperation.Delete or (int)ZooKeeperOperation.Check:
                return ZooKeeperError.None;
            default:
                throw reader.Fail($"an answer of type {kind}, which no write of ours has");
        }
    }
}
