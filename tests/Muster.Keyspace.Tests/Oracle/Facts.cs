using Muster.Primitives;

namespace Muster.Keyspace.Tests.Oracle;

/// <summary>Values as text, so that two of them can be compared and read.</summary>
internal static class Facts
{
    public static string Of(KeyValue? key) => key is null
        ? "none"
        : $"{Quoted(key.Key)}={Quoted(key.Value)} created {key.Created} modified {key.Modified} version {key.Version} lease {key.Lease}";

    public static string Of(OperationResult part) => part switch
    {
        OperationResult.Range range => $"range count {range.Count} more {range.More} at {range.At}: [{string.Join("; ", range.Keys.Select(Of))}]",
        OperationResult.Put put => $"put at {put.At} previous {Of(put.Previous)}",
        OperationResult.Delete delete => $"delete {delete.Count} at {delete.At} previous [{string.Join("; ", delete.Previous.Select(Of))}]",
        OperationResult.Nested nested => $"nested ({Of(nested.Result)})",
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };

    public static string Of(TransactionResult result) =>
        $"succeeded {result.Succeeded} at {result.At}: {string.Join(" | ", result.Results.Select(Of))}";

    public static string Of(CommandResult result) => result switch
    {
        CommandResult.Transacted done => Of(done.Result),
        CommandResult.Refused refused => StoreRefusals.Text(refused.Refusal),
        _ => result.ToString(),
    };

    public static string Of(ReadOutcome outcome) => outcome switch
    {
        ReadOutcome.Found found => Of(found.Range),
        ReadOutcome.Refused refused => StoreRefusals.Text(refused.Refusal),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    public static string Of((StoreRefusal? Refusal, TransactionResult? Result) naive) =>
        naive.Refusal is { } refusal ? StoreRefusals.Text(refusal) : Of(naive.Result!);

    private static string Quoted(ByteString bytes) => Convert.ToHexString(bytes.Span);
}
