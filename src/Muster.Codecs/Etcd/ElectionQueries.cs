using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Asks who leads: Leader and Observe.</summary>
/// <param name="Name">The election.</param>
public readonly record struct LeaderRequest(ByteString Name) : IProtoMessage<LeaderRequest>
{
    /// <inheritdoc/>
    public static LeaderRequest Read(scoped ref ProtoReader reader)
    {
        var name = default(ByteString);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.ByteString(); break;
                default: reader.Skip(); break;
            }
        }

        return new(name);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Bytes(1, Name);
    }
}

/// <summary>Who leads.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Key">The leader's key; its value is what it says of itself.</param>
public readonly record struct LeaderResponse(ResponseHeader Header, KeyValue? Key) : IProtoMessage<LeaderResponse>
{
    /// <inheritdoc/>
    public static LeaderResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        KeyValue? key = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: key = KeyValueCodec.Read(reader.Message()); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, key);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        if (Key is { } present)
            KeyValueCodec.Write(writer, 2, present);
    }
}

/// <summary>The leader gives up.</summary>
/// <param name="Leader">The proof; absent is refused.</param>
public readonly record struct ResignRequest(LeaderKey? Leader) : IProtoMessage<ResignRequest>
{
    /// <inheritdoc/>
    public static ResignRequest Read(scoped ref ProtoReader reader)
    {
        LeaderKey? leader = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: leader = reader.Message<LeaderKey>(); break;
                default: reader.Skip(); break;
            }
        }

        return new(leader);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        if (Leader is { } present)
            writer.Message(1, present);
    }
}
