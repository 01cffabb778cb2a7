using System.Collections.Immutable;
using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Asks for keys.</summary>
/// <param name="Range">Which, and how.</param>
public readonly record struct RangeRequest(Operation.Range Range) : IProtoMessage<RangeRequest>
{
    /// <inheritdoc/>
    public static RangeRequest Read(scoped ref ProtoReader reader)
    {
        ByteString start = default, end = default;
        long limit = 0, at = 0, modifiedFrom = 0, modifiedTo = 0, createdFrom = 0, createdTo = 0;
        var (order, target) = (0, 0);
        bool serializable = false, keysOnly = false, countOnly = false;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: start = reader.ByteString(); break;
                case 2: end = reader.ByteString(); break;
                case 3: limit = reader.Int64(); break;
                case 4: at = reader.Int64(); break;
                case 5: order = reader.Enum(); break;
                case 6: target = reader.Enum(); break;
                case 7: serializable = reader.Bool(); break;
                case 8: keysOnly = reader.Bool(); break;
                case 9: countOnly = reader.Bool(); break;
                case 10: modifiedFrom = reader.Int64(); break;
                case 11: modifiedTo = reader.Int64(); break;
                case 12: createdFrom = reader.Int64(); break;
                case 13: createdTo = reader.Int64(); break;
                default: reader.Skip(); break;
            }
        }

        return new(new(new KeyRange(start, end))
        {
            Limit = limit,
            At = new(at),
            Order = (SortOrder)order,
            SortBy = (SortTarget)target,
            Serializable = serializable,
            KeysOnly = keysOnly,
            CountOnly = countOnly,
            ModifiedFrom = new(modifiedFrom),
            ModifiedTo = new(modifiedTo),
            CreatedFrom = new(createdFrom),
            CreatedTo = new(createdTo),
        });
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Bytes(1, Range.Keys.Start);
        writer.Bytes(2, Range.Keys.End);
        writer.Number(3, Range.Limit);
        writer.Number(4, Range.At.Number);
        writer.Number(5, (long)Range.Order);
        writer.Number(6, (long)Range.SortBy);
        writer.Flag(7, Range.Serializable);
        writer.Flag(8, Range.KeysOnly);
        writer.Flag(9, Range.CountOnly);
        writer.Number(10, Range.ModifiedFrom.Number);
        writer.Number(11, Range.ModifiedTo.Number);
        writer.Number(12, Range.CreatedFrom.Number);
        writer.Number(13, Range.CreatedTo.Number);
    }
}

/// <summary>Keys read.</summary>
/// <param name="Header">Whose answer; inside a transaction only its revision.</param>
/// <param name="Range">What was found; its revision is the header's.</param>
public readonly record struct RangeResponse(ResponseHeader Header, OperationResult.Range Range) : IProtoMessage<RangeResponse>
{
    /// <inheritdoc/>
    public static RangeResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var keys = ImmutableArray.CreateBuilder<KeyValue>();
        var (more, count) = (false, 0L);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: keys.Add(KeyValueCodec.Read(reader.Message())); break;
                case 3: more = reader.Bool(); break;
                case 4: count = reader.Int64(); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, new(keys.DrainToImmutable(), more, count, header.Revision));
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        foreach (var key in Range.Keys)
            KeyValueCodec.Write(writer, 2, key);
        writer.Flag(3, Range.More);
        writer.Number(4, Range.Count);
    }
}
