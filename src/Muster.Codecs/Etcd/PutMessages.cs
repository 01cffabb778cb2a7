using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Asks to write a key.</summary>
/// <param name="Put">What.</param>
public readonly record struct PutRequest(Operation.Put Put) : IProtoMessage<PutRequest>
{
    /// <inheritdoc/>
    public static PutRequest Read(scoped ref ProtoReader reader)
    {
        ByteString key = default, value = default;
        var lease = 0L;
        bool previous = false, keepValue = false, keepLease = false;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: key = reader.ByteString(); break;
                case 2: value = reader.ByteString(); break;
                case 3: lease = reader.Int64(); break;
                case 4: previous = reader.Bool(); break;
                case 5: keepValue = reader.Bool(); break;
                case 6: keepLease = reader.Bool(); break;
                default: reader.Skip(); break;
            }
        }

        return new(new(key, value, new(lease)) { ReturnPrevious = previous, KeepValue = keepValue, KeepLease = keepLease });
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Bytes(1, Put.Key);
        writer.Bytes(2, Put.Value);
        writer.Number(3, Put.Lease.Number);
        writer.Flag(4, Put.ReturnPrevious);
        writer.Flag(5, Put.KeepValue);
        writer.Flag(6, Put.KeepLease);
    }
}

/// <summary>A key written.</summary>
/// <param name="Header">Whose answer; inside a transaction only its revision.</param>
/// <param name="Put">What came of it; its revision is the header's.</param>
public readonly record struct PutResponse(ResponseHeader Header, OperationResult.Put Put) : IProtoMessage<PutResponse>
{
    /// <inheritdoc/>
    public static PutResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        KeyValue? previous = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: previous = KeyValueCodec.Read(reader.Message()); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, new(previous, header.Revision));
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        if (Put.Previous is { } previous)
            KeyValueCodec.Write(writer, 2, previous);
    }
}
