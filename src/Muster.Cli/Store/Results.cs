using Muster.Primitives;

namespace Muster.Cli.Store;

/// <summary>What operations returned, as text and as JSON.</summary>
internal static class Results
{
    public static RangeObject Object(OperationResult.Range range, Revision at) =>
        new(at.Number, range.Count, range.More, [.. range.Keys.Select(StoreText.Object)]);

    public static PutObject Object(OperationResult.Put put, Revision at) => new(at.Number, put.Previous is { } before ? StoreText.Object(before) : null);

    public static DeleteObject Object(OperationResult.Delete delete, Revision at) =>
        new(at.Number, delete.Count, [.. delete.Previous.Select(StoreText.Object)]);

    public static TransactionObject Object(TransactionResult result) => new(result.At.Number, result.Succeeded, [.. result.Results.Select(part => part switch
    {
        OperationResult.Range range => new ResultObject(Object(range, range.At), null, null),
        OperationResult.Put put => new ResultObject(null, Object(put, put.At), null),
        OperationResult.Delete delete => new ResultObject(null, null, Object(delete, delete.At)),
        _ => new ResultObject(null, null, null),
    })]);

    public static void Write(OperationResult.Range range, bool keysOnly, bool valuesOnly)
    {
        foreach (var key in range.Keys)
        {
            if (valuesOnly)
                WriteBytes(key.Value);
            else
                Console.WriteLine(keysOnly ? StoreText.Shown(key.Key) : $"{StoreText.Shown(key.Key)}\t{StoreText.Shown(key.Value)}");
        }

        if (range.More)
            Console.Error.WriteLine($"muster store: {range.Count} keys in all; more with --limit");
    }

    public static void Write(OperationResult.Put put, Revision at)
    {
        Console.WriteLine($"written at revision {at}");
        if (put.Previous is { } before)
            Console.WriteLine($"before: {StoreText.Shown(before.Value)}");
    }

    public static void Write(OperationResult.Delete delete, Revision at)
    {
        Console.WriteLine(delete.Count == 0 ? "nothing to delete" : $"deleted {delete.Count} at revision {at}");
        foreach (var key in delete.Previous)
            Console.WriteLine($"{StoreText.Shown(key.Key)}\t{StoreText.Shown(key.Value)}");
    }

    public static void Write(TransactionResult result)
    {
        Console.WriteLine($"{(result.Succeeded ? "then" : "else")}, at revision {result.At}");
        foreach (var part in result.Results)
        {
            if (part is OperationResult.Range range)
                Write(range, keysOnly: false, valuesOnly: false);
            else if (part is OperationResult.Put put)
                Write(put, put.At);
            else if (part is OperationResult.Delete delete)
                Write(delete, delete.At);
        }
    }

    private static void WriteBytes(ByteString value)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(value.Span);
        output.WriteByte((byte)'\n');
    }
}
