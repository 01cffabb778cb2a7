using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Stores.Etcd;

/// <summary>A store below a prefix of another one's keys: puts the prefix on what goes, takes it off what comes.</summary>
internal sealed class KeyPrefix(string prefix)
{
    private readonly ByteString _prefix = ByteString.From(prefix);

    public ByteString Key(ByteString key)
    {
        if (_prefix.IsEmpty)
            return key;
        var whole = new byte[_prefix.Length + key.Length];
        _prefix.Span.CopyTo(whole);
        key.Span.CopyTo(whole.AsSpan(_prefix.Length));
        return new(whole);
    }

    public KeyRange Range(KeyRange keys)
    {
        if (_prefix.IsEmpty)
            return keys;
        if (keys == KeyRange.All)
            return KeyRange.Prefix(_prefix);
        return new(Key(keys.Start), keys.IsSingle ? keys.End : keys.IsOpen ? KeyRange.Prefix(_prefix).End : Key(keys.End));
    }

    public Transaction Transaction(Transaction transaction) => _prefix.IsEmpty
        ? transaction
        : new(
            [.. transaction.Guards.Select(guard => guard with { Keys = Range(guard.Keys) })],
            [.. transaction.Then.Select(Operation)],
            [.. transaction.Else.Select(Operation)]);

    public Operation.Range Operation(Operation.Range range) => range with { Keys = Range(range.Keys) };

    public KeyValue Strip(KeyValue key) => _prefix.IsEmpty ? key : key with { Key = ByteString.Copy(key.Key.Span[_prefix.Length..]) };

    public OperationResult.Range Strip(OperationResult.Range range) => _prefix.IsEmpty ? range : range with { Keys = Strip(range.Keys) };

    public TransactionResult Strip(TransactionResult result) =>
        _prefix.IsEmpty ? result : result with { Results = [.. result.Results.Select(Strip)] };

    private Operation Operation(Operation operation) => operation switch
    {
        Operation.Range range => Operation(range),
        Operation.Put put => put with { Key = Key(put.Key) },
        Operation.Delete delete => delete with { Keys = Range(delete.Keys) },
        Operation.Nested(var nested) => new Operation.Nested(Transaction(nested)),
        _ => throw new InvariantBrokenException("every operation has its keys below the prefix"),
    };

    private OperationResult Strip(OperationResult result) => result switch
    {
        OperationResult.Range range => Strip(range),
        OperationResult.Put put => put with { Previous = put.Previous is { } previous ? Strip(previous) : null },
        OperationResult.Delete delete => delete with { Previous = Strip(delete.Previous) },
        OperationResult.Nested(var nested) => new OperationResult.Nested(Strip(nested)),
        _ => throw new InvariantBrokenException("every result has its keys below the prefix"),
    };

    private ImmutableArray<KeyValue> Strip(ImmutableArray<KeyValue> keys) => [.. keys.Select(Strip)];
}
