using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using Muster.Primitives;

namespace Muster.Stores.Etcd;

/// <summary>Makes a transaction with a request's id safe to send again: it leaves a mark, and does nothing where the mark is.</summary>
/// <remarks>
/// The mark of a client is a key that holds its last sequence, big-endian, and which branch was taken; being written in the same
/// transaction, it is there exactly if the transaction was done, and its revision is the transaction's.
/// </remarks>
internal static class RequestMarks
{
    /// <summary>Key of a client's mark: outside the store's prefix, so that no range of it shows it.</summary>
    public static ByteString Key(string prefix, ulong client) =>
        ByteString.From(string.Create(CultureInfo.InvariantCulture, $"\0requests/{prefix}{client:x16}"));

    /// <summary>The transaction with its mark, and what says that the mark was there.</summary>
    public static Transaction Marked(Transaction transaction, ByteString key, ulong sequence, LeaseId lease)
    {
        var marked = new Operation.Nested(new Transaction(
            transaction.Guards,
            [.. transaction.Then, new Operation.Put(key, Mark(sequence, succeeded: true), lease)],
            [.. transaction.Else, new Operation.Put(key, Mark(sequence, succeeded: false), lease)]));
        // An older mark is less, bytewise. No mark at all satisfies no comparison of values, so that it is asked for apart.
        var isOlder = new Compare(KeyRange.Single(key), CompareTarget.Value, CompareRelation.Less, 0, Sequence(sequence));
        var otherwise = new Transaction([Compare.Absent(key)], [marked], [new Operation.Range(KeyRange.Single(key))]);
        return new Transaction([isOlder], [marked], [new Operation.Nested(otherwise)]);
    }

    /// <summary>What the transaction returned, now or when it was done before; null when that is not kept.</summary>
    public static TransactionResult? Result(Transaction transaction, ulong sequence, TransactionResult result)
    {
        var inner = ((OperationResult.Nested)result.Results[0]).Result;
        if (result.Succeeded)
            return Unmarked(inner, result.At);
        if (inner.Succeeded)
            return Unmarked(((OperationResult.Nested)inner.Results[0]).Result, result.At);
        var mark = ((OperationResult.Range)inner.Results[0]).Keys[0];
        if (mark.Value.Length != 9 || BinaryPrimitives.ReadUInt64BigEndian(mark.Value.Span) != sequence)
            return null;
        return Repeated(transaction, mark.Value.Span[8] == 1, mark.Modified);
    }

    private static TransactionResult Unmarked(TransactionResult result, Revision at) => new(result.Succeeded, result.Results[..^1], at);

    /// <summary>What puts return can be said again; what was read or deleted then, cannot.</summary>
    private static TransactionResult? Repeated(Transaction transaction, bool succeeded, Revision at)
    {
        var results = ImmutableArray.CreateBuilder<OperationResult>();
        foreach (var operation in succeeded ? transaction.Then : transaction.Else)
        {
            if (operation is not Operation.Put { ReturnPrevious: false })
                return null;
            results.Add(new OperationResult.Put(null, at));
        }

        return new(succeeded, results.DrainToImmutable(), at);
    }

    private static ByteString Sequence(ulong sequence)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, sequence);
        return new(bytes);
    }

    private static ByteString Mark(ulong sequence, bool succeeded) => new([.. Sequence(sequence).Span, succeeded ? (byte)1 : (byte)0]);
}
