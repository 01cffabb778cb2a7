using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace.Requests;

/// <summary>Bytes of the keys and values in a result, and 16 for each part of it.</summary>
internal static class ResultSize
{
    public static long Of(CommandResult result) => result is CommandResult.Transacted done ? Of(done.Result) : 16;

    private static long Of(TransactionResult result)
    {
        var size = 16L;
        foreach (var part in result.Results)
        {
            size += 16 + part switch
            {
                OperationResult.Range range => Of(range.Keys),
                OperationResult.Put put => put.Previous is null ? 0 : Of(put.Previous),
                OperationResult.Delete delete => Of(delete.Previous),
                OperationResult.Nested nested => Of(nested.Result),
                _ => 0,
            };
        }

        return size;
    }

    private static long Of(ImmutableArray<KeyValue> keys)
    {
        var size = 0L;
        foreach (var key in keys)
            size += Of(key);
        return size;
    }

    private static long Of(KeyValue key) => 16 + key.Key.Length + key.Value.Length;
}
