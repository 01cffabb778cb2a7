using System.Collections.Immutable;
using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Asks to delete keys.</summary>
/// <param name="Delete">Which.</param>
public readonly record struct DeleteRangeRequest(Operation.Delete Delete) : IProtoMessage<DeleteRangeRequest>
{
    /// <inheritdoc/>
    public static DeleteRangeRequest Read(scoped ref ProtoReader reader)
    {
        ByteString start = default, end = default;
        var previous = false;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: start = reader.ByteString(); break;
                case 2: end = reader.ByteString(); break;
                case 3: previous = reader.Bool(); break;
                default: reader.Skip(); break;
            }
        }

        return new(new(new KeyRange(start, end)) { ReturnPrevious = previous });
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Bytes(1, Delete.Keys.Start);
        writer.Bytes(2, Delete.Keys.End);
        writer.Flag(3, Delete.ReturnPrevious);
    }
}

/// <summary>Keys deleted.</summary>
/// <param name="Header">Whose answer; inside a transaction only its revision.</param>
/// <param name="Delete">What came of it; its revision is the header's.</param>
public readonly record struct DeleteRangeResponse(ResponseHeader Header, OperationResult.Delete Delete) : IProtoMessage<DeleteRangeResponse>
{
    /// <inheritdoc/>
    public static DeleteRangeResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var count = 0L;
        var previous = ImmutableArray.CreateBuilder<KeyValue>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: count = reader.Int64(); break;
                case 3: previous.Add(KeyValueCodec.Read(reader.Message())); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, new(count, previous.DrainToImmutable(), header.Revision));
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Number(2, Delete.Count);
        foreach (var key in Delete.Previous)
            KeyValueCodec.Write(writer, 3, key);
    }
}
