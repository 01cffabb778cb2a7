using System.Collections.Immutable;
using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Reads one transaction with all that are inside it, keeping count of what it made.</summary>
internal sealed class TransactionDecoder
{
    private static readonly Operation s_empty = new Operation.Put(default, default);

    private int _items;

    public bool HasEmptyOperation { get; private set; }

    public bool IsOversized { get; private set; }

    public Transaction Read(ProtoReader reader, int depth)
    {
        ImmutableArray<Compare>.Builder? guards = null;
        ImmutableArray<Operation>.Builder? then = null, otherwise = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1 when HasRoom():
                    (guards ??= ImmutableArray.CreateBuilder<Compare>()).Add(ReadGuard(reader.Message()));
                    break;
                case 2 when HasRoom():
                    (then ??= ImmutableArray.CreateBuilder<Operation>(1)).Add(ReadOperation(reader.Message(), depth));
                    break;
                case 3 when HasRoom():
                    (otherwise ??= ImmutableArray.CreateBuilder<Operation>(1)).Add(ReadOperation(reader.Message(), depth));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new(guards?.DrainToImmutable() ?? [], then?.DrainToImmutable() ?? [], otherwise?.DrainToImmutable() ?? []);
    }

    private bool HasRoom()
    {
        if (_items < EtcdLimits.TransactionItemsMax)
        {
            _items++;
            return true;
        }

        IsOversized = true;
        return false;
    }

    private Operation ReadOperation(ProtoReader reader, int depth)
    {
        Operation? operation = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: operation = reader.Message<RangeRequest>().Range; break;
                case 2: operation = reader.Message<PutRequest>().Put; break;
                case 3: operation = reader.Message<DeleteRangeRequest>().Delete; break;
                case 4 when depth < EtcdLimits.TransactionDepthMax:
                    operation = new Operation.Nested(Read(reader.Message(), depth + 1));
                    break;
                case 4:
                    IsOversized = true;
                    reader.Skip();
                    break;
                default: reader.Skip(); break;
            }
        }

        HasEmptyOperation |= operation is null;
        return operation ?? s_empty;
    }

    /// <summary>An operand of another kind than the target counts as zero, or as no bytes.</summary>
    private static Compare ReadGuard(ProtoReader reader)
    {
        ByteString start = default, end = default, value = default;
        var (relation, target, operand, number) = (0, 0, 0, 0L);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: relation = reader.Enum(); break;
                case 2: target = reader.Enum(); break;
                case 3: start = reader.ByteString(); break;
                case 4 or 5 or 6 or 8: (operand, number) = (reader.Field, reader.Int64()); break;
                case 7: (operand, value) = (7, reader.ByteString()); break;
                case 64: end = reader.ByteString(); break;
                default: reader.Skip(); break;
            }
        }

        var matches = operand == TransactionEncoder.OperandField((CompareTarget)target);
        return new(
            new(start, end), (CompareTarget)target, (CompareRelation)relation,
            matches && operand != 7 ? number : 0, matches && operand == 7 ? value : default);
    }
}
