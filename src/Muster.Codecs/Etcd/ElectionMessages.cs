using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Proof of leading.</summary>
/// <param name="Name">The election.</param>
/// <param name="Key">The key that exists as long as one leads.</param>
/// <param name="Created">Its create revision: the fencing token.</param>
/// <param name="Lease">Its lease.</param>
public readonly record struct LeaderKey(ByteString Name, ByteString Key, Revision Created, LeaseId Lease) : IProtoMessage<LeaderKey>
{
    /// <inheritdoc/>
    public static LeaderKey Read(scoped ref ProtoReader reader)
    {
        var name = default(ByteString);
        var key = default(ByteString);
        var created = default(Revision);
        var lease = default(LeaseId);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.ByteString(); break;
                case 2: key = reader.ByteString(); break;
                case 3: created = new(reader.Int64()); break;
                case 4: lease = new(reader.Int64()); break;
                default: reader.Skip(); break;
            }
        }

        return new(name, key, created, lease);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Bytes(1, Name);
        writer.Bytes(2, Key);
        writer.Number(3, Created.Number);
        writer.Number(4, Lease.Number);
    }
}

/// <summary>Waits to lead.</summary>
/// <param name="Name">The election.</param>
/// <param name="Lease">The lease that holds it.</param>
/// <param name="Value">What the leader says of itself.</param>
public readonly record struct CampaignRequest(ByteString Name, LeaseId Lease, ByteString Value) : IProtoMessage<CampaignRequest>
{
    /// <inheritdoc/>
    public static CampaignRequest Read(scoped ref ProtoReader reader)
    {
        var name = default(ByteString);
        var lease = default(LeaseId);
        var value = default(ByteString);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.ByteString(); break;
                case 2: lease = new(reader.Int64()); break;
                case 3: value = reader.ByteString(); break;
                default: reader.Skip(); break;
            }
        }

        return new(name, lease, value);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Bytes(1, Name);
        writer.Number(2, Lease.Number);
        writer.Bytes(3, Value);
    }
}

/// <summary>One leads.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Leader">The proof.</param>
public readonly record struct CampaignResponse(ResponseHeader Header, LeaderKey? Leader) : IProtoMessage<CampaignResponse>
{
    /// <inheritdoc/>
    public static CampaignResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        LeaderKey? leader = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: leader = reader.Message<LeaderKey>(); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, leader);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        if (Leader is { } present)
            writer.Message(2, present);
    }
}

/// <summary>The leader says something new of itself.</summary>
/// <param name="Leader">The proof; absent is refused.</param>
/// <param name="Value">What it says.</param>
public readonly record struct ProclaimRequest(LeaderKey? Leader, ByteString Value) : IProtoMessage<ProclaimRequest>
{
    /// <inheritdoc/>
    public static ProclaimRequest Read(scoped ref ProtoReader reader)
    {
        LeaderKey? leader = null;
        var value = default(ByteString);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: leader = reader.Message<LeaderKey>(); break;
                case 2: value = reader.ByteString(); break;
                default: reader.Skip(); break;
            }
        }

        return new(leader, value);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        if (Leader is { } present)
            writer.Message(1, present);
        writer.Bytes(2, Value);
    }
}
