using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>A server among those of a cluster; never 0.</summary>
public readonly record struct MemberId(ulong Number)
{
    /// <inheritdoc/>
    public override string ToString() => Number.ToString("x");
}

/// <summary>What every answer of etcd begins with.</summary>
/// <param name="Cluster">The store that answered.</param>
/// <param name="Member">The server that answered.</param>
/// <param name="Revision">The store's revision then.</param>
/// <param name="RaftTerm">The number of its election.</param>
public readonly record struct ResponseHeader(ClusterId Cluster, MemberId Member, Revision Revision, ulong RaftTerm)
    : IProtoMessage<ResponseHeader>
{
    /// <inheritdoc/>
    public static ResponseHeader Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = header with { Cluster = new(reader.UInt64()) }; break;
                case 2: header = header with { Member = new(reader.UInt64()) }; break;
                case 3: header = header with { Revision = new(reader.Int64()) }; break;
                case 4: header = header with { RaftTerm = reader.UInt64() }; break;
                default: reader.Skip(); break;
            }
        }

        return header;
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Number(1, Cluster.Number);
        writer.Number(2, Member.Number);
        writer.Number(3, Revision.Number);
        writer.Number(4, RaftTerm);
    }
}

/// <summary>A request without fields.</summary>
public readonly record struct EmptyRequest : IProtoMessage<EmptyRequest>
{
    /// <inheritdoc/>
    public static EmptyRequest Read(scoped ref ProtoReader reader)
    {
        while (reader.Next())
            reader.Skip();
        return default;
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
    }
}

/// <summary>An answer that says no more than that it was done: to Compact, LeaseRevoke, Defragment, and most of Auth, Lock and Election.</summary>
/// <param name="Header">Whose answer, at which revision.</param>
public readonly record struct HeaderResponse(ResponseHeader Header) : IProtoMessage<HeaderResponse>
{
    /// <inheritdoc/>
    public static HeaderResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        while (reader.Next())
        {
            if (reader.Field == 1)
                header = reader.Message<ResponseHeader>();
            else
                reader.Skip();
        }

        return new(header);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer) => writer.Message(1, Header);
}
