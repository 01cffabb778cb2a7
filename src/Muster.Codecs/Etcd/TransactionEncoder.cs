using System.Collections.Immutable;
using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Writes one transaction with all that are inside it.</summary>
internal static class TransactionEncoder
{
    public static void Write(ProtoWriter writer, Transaction transaction)
    {
        foreach (var guard in transaction.Guards)
            Write(writer, guard);
        WriteBranch(writer, 2, transaction.Then);
        WriteBranch(writer, 3, transaction.Else);
    }

    /// <summary>The field of the operand that a target is compared with; 0 for an unknown target.</summary>
    public static int OperandField(CompareTarget target) => target switch
    {
        CompareTarget.Version => 4,
        CompareTarget.CreateRevision => 5,
        CompareTarget.ModifyRevision => 6,
        CompareTarget.Value => 7,
        CompareTarget.Lease => 8,
        _ => 0,
    };

    private static void Write(ProtoWriter writer, Compare guard)
    {
        var mark = writer.Open(1);
        writer.Number(1, (long)guard.Relation);
        writer.Number(2, (long)guard.Target);
        writer.Bytes(3, guard.Keys.Start);
        var operand = OperandField(guard.Target);
        if (operand == 7)
            writer.Bytes(7, guard.Value);
        else if (operand > 0)
            writer.Number(operand, guard.Number);
        writer.Bytes(64, guard.Keys.End);
        writer.Close(mark);
    }

    private static void WriteBranch(ProtoWriter writer, int field, ImmutableArray<Operation> branch)
    {
        foreach (var operation in branch)
        {
            var mark = writer.Open(field);
            Write(writer, operation);
            writer.Close(mark);
        }
    }

    private static void Write(ProtoWriter writer, Operation operation)
    {
        switch (operation)
        {
            case Operation.Range range:
                writer.Message(1, new RangeRequest(range));
                break;
            case Operation.Put put:
                writer.Message(2, new PutRequest(put));
                break;
            case Operation.Delete delete:
                writer.Message(3, new DeleteRangeRequest(delete));
                break;
            case Operation.Nested(var nested):
                writer.Message(4, new TxnRequest(nested));
                break;
        }
    }
}
