using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Muster.Primitives;

namespace Muster.Codecs.Keyspace;

/// <summary>Transactions as bytes; docs/formats/keyspace-commands.md.</summary>
internal static class TransactionCodec
{
    /// <summary>Transactions inside transactions; more than the keyspace's own rules let through.</summary>
    public const int DepthMax = 256;

    private const byte RangeTag = 1, PutTag = 2, DeleteTag = 3, NestedTag = 4;
    private const int GuardBytesMin = 6, OperationBytesMin = 4;

    public static void Write(RecordWriter writer, Transaction transaction, int depth = 0)
    {
        if (depth > DepthMax)
            throw new ArgumentException($"More than {DepthMax} transactions inside each other: check TransactionRules first.", nameof(transaction));
        writer.Unsigned((ulong)transaction.Guards.Length);
        foreach (var guard in transaction.Guards)
            Write(writer, guard);
        WriteBranch(writer, transaction.Then, depth);
        WriteBranch(writer, transaction.Else, depth);
    }

    public static Transaction Read(ref RecordReader reader, int depth = 0)
    {
        if (depth > DepthMax)
            throw reader.Fail($"more than {DepthMax} transactions inside each other");
        var count = reader.Count(GuardBytesMin);
        var guards = count == 0 ? [] : new Compare[count];
        for (var i = 0; i < guards.Length; i++)
            guards[i] = ReadGuard(ref reader);
        var then = ReadBranch(ref reader, depth);
        var otherwise = ReadBranch(ref reader, depth);
        return new(ImmutableCollectionsMarshal.AsImmutableArray(guards), then, otherwise);
    }

    private static void Write(RecordWriter writer, Compare guard)
    {
        writer.Bytes(guard.Keys.Start);
        writer.Bytes(guard.Keys.End);
        writer.Signed((int)guard.Target);
        writer.Signed((int)guard.Relation);
        writer.Signed(guard.Number);
        writer.Bytes(guard.Value);
    }

    private static Compare ReadGuard(ref RecordReader reader)
    {
        var keys = ReadKeys(ref reader);
        var target = (CompareTarget)reader.Int32();
        var relation = (CompareRelation)reader.Int32();
        return new(keys, target, relation, reader.Signed(), reader.Bytes());
    }

    private static void WriteBranch(RecordWriter writer, ImmutableArray<Operation> branch, int depth)
    {
        writer.Unsigned((ulong)branch.Length);
        foreach (var operation in branch)
            Write(writer, operation, depth);
    }

    private static ImmutableArray<Operation> ReadBranch(ref RecordReader reader, int depth)
    {
        var count = reader.Count(OperationBytesMin);
        if (count == 0)
            return [];
        var branch = new Operation[count];
        for (var i = 0; i < count; i++)
            branch[i] = ReadOperation(ref reader, depth);
        return ImmutableCollectionsMarshal.AsImmutableArray(branch);
    }

    private static void Write(RecordWriter writer, Operation operation, int depth)
    {
        switch (operation)
        {
            case Operation.Range range:
                writer.Byte(RangeTag);
                Write(writer, range);
                break;
            case Operation.Put put:
                writer.Byte(PutTag);
                writer.Bytes(put.Key);
                writer.Bytes(put.Value);
                writer.Signed(put.Lease.Number);
                writer.Byte((byte)((put.ReturnPrevious ? 1 : 0) | (put.KeepValue ? 2 : 0) | (put.KeepLease ? 4 : 0)));
                break;
            case Operation.Delete delete:
                writer.Byte(DeleteTag);
                writer.Bytes(delete.Keys.Start);
                writer.Bytes(delete.Keys.End);
                writer.Flag(delete.ReturnPrevious);
                break;
            case Operation.Nested nested:
                writer.Byte(NestedTag);
                var at = writer.OpenLength();
                Write(writer, nested.Transaction, depth + 1);
                writer.CloseLength(at);
                break;
        }
    }

    private static Operation ReadOperation(ref RecordReader reader, int depth)
    {
        switch (reader.Byte())
        {
            case RangeTag:
                return ReadRange(ref reader);
            case PutTag:
                var put = new Operation.Put(reader.Bytes(), reader.Bytes(), new(reader.Signed()));
                var flags = reader.Byte();
                return flags switch
                {
                    0 => put,
                    <= 7 => put with { ReturnPrevious = (flags & 1) != 0, KeepValue = (flags & 2) != 0, KeepLease = (flags & 4) != 0 },
                    _ => throw reader.Fail($"a put has the unknown flags {flags}"),
                };
            case DeleteTag:
                var keys = ReadKeys(ref reader);
                return new Operation.Delete(keys) { ReturnPrevious = reader.Flag() };
            case NestedTag:
                var end = reader.OpenLength();
                var nested = new Operation.Nested(Read(ref reader, depth + 1));
                reader.CloseLength(end);
                return nested;
            case var tag:
                throw reader.Fail($"an operation has the unknown tag {tag}");
        }
    }

    private static void Write(RecordWriter writer, Operation.Range range)
    {
        writer.Bytes(range.Keys.Start);
        writer.Bytes(range.Keys.End);
        writer.Signed(range.Limit);
        writer.Signed(range.At.Number);
        writer.Signed((int)range.Order);
        writer.Signed((int)range.SortBy);
        writer.Byte((byte)((range.KeysOnly ? 1 : 0) | (range.CountOnly ? 2 : 0) | (range.Serializable ? 4 : 0)));
        writer.Signed(range.ModifiedFrom.Number);
        writer.Signed(range.ModifiedTo.Number);
        writer.Signed(range.CreatedFrom.Number);
        writer.Signed(range.CreatedTo.Number);
    }

    private static Operation.Range ReadRange(ref RecordReader reader)
    {
        var keys = ReadKeys(ref reader);
        var limit = reader.Signed();
        var at = new Revision(reader.Signed());
        var order = (SortOrder)reader.Int32();
        var sortBy = (SortTarget)reader.Int32();
        var flags = reader.Byte();
        if (flags > 7)
            throw reader.Fail($"a range has the unknown flags {flags}");
        return new(keys)
        {
            Limit = limit,
            At = at,
            Order = order,
            SortBy = sortBy,
            KeysOnly = (flags & 1) != 0,
            CountOnly = (flags & 2) != 0,
            Serializable = (flags & 4) != 0,
            ModifiedFrom = new(reader.Signed()),
            ModifiedTo = new(reader.Signed()),
            CreatedFrom = new(reader.Signed()),
            CreatedTo = new(reader.Signed()),
        };
    }

    private static KeyRange ReadKeys(ref RecordReader reader) => new(reader.Bytes(), reader.Bytes());
}
