using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Asks for a lock.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Lease">The lease that holds it; none lets the server grant one.</param>
public readonly record struct LockRequest(ByteString Name, LeaseId Lease) : IProtoMessage<LockRequest>
{
    /// <inheritdoc/>
    public static LockRequest Read(scoped ref ProtoReader reader)
    {
        var name = default(ByteString);
        var lease = default(LeaseId);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.ByteString(); break;
                case 2: lease = new(reader.Int64()); break;
                default: reader.Skip(); break;
            }
        }

        return new(name, lease);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Bytes(1, Name);
        writer.Number(2, Lease.Number);
    }
}

/// <summary>A lock held.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Key">The key that exists as long as it is held.</param>
public readonly record struct LockResponse(ResponseHeader Header, ByteString Key) : IProtoMessage<LockResponse>
{
    /// <inheritdoc/>
    public static LockResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var key = default(ByteString);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: key = reader.ByteString(); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, key);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Bytes(2, Key);
    }
}

/// <summary>Gives a lock back.</summary>
/// <param name="Key">The key that it was held by.</param>
public readonly record struct UnlockRequest(ByteString Key) : IProtoMessage<UnlockRequest>
{
    /// <inheritdoc/>
    public static UnlockRequest Read(scoped ref ProtoReader reader)
    {
        var key = default(ByteString);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: key = reader.ByteString(); break;
                default: reader.Skip(); break;
            }
        }

        return new(key);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Bytes(1, Key);
    }
}
