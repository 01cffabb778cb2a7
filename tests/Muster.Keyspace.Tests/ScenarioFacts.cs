using Muster.Primitives;

namespace Muster.Keyspace.Tests;

/// <summary>Results as a scenario states them.</summary>
internal static class ScenarioFacts
{
    public static IEnumerable<string> Of(CommandResult result) => result switch
    {
        CommandResult.Transacted(var done) => Of(done, ""),
        CommandResult.Granted(var lease, var seconds, var at) => [$"granted {lease} for {seconds} s at {at}"],
        CommandResult.Revoked(var deleted, var at) => [$"revoked, {deleted} keys deleted, at {at}"],
        CommandResult.Compacted(var at) => [$"compacted, at {at}"],
        CommandResult.AuthChanged(var revision, _) => [$"auth revision {revision}"],
        CommandResult.AlarmSet(var changed, _) => [changed ? "done" : "as before"],
        CommandResult.Refused(var refusal) => [$"refused: {StoreRefusals.Text(refusal)}"],
        CommandResult.Passed(var last) => [$"passed: the client's last is {last}"],
        _ => throw new ArgumentOutOfRangeException(nameof(result)),
    };

    public static IEnumerable<string> Of(ReadOutcome outcome) => outcome switch
    {
        ReadOutcome.Found(var range) => [Of(range)],
        ReadOutcome.Refused(var refusal) => [$"refused: {StoreRefusals.Text(refusal)}"],
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    public static string Of(LeaseInfo? lease) =>
        lease is null ? "no such lease" : $"lease {lease.Lease} of {lease.Seconds} s:{(lease.Keys.IsEmpty ? " no keys" : string.Concat(lease.Keys.Select(key => $" {key}")))}";

    public static string Of(WatchEvent change)
    {
        var previous = change.Previous is { } before ? $" was {Of(before)}" : "";
        return change.IsDelete
            ? $"delete {change.Key.Key}@{change.Key.Modified}{previous}"
            : $"{(change.IsCreate ? "create" : "put")} {Of(change.Key)}{previous}";
    }

    private static IEnumerable<string> Of(TransactionResult result, string indent)
    {
        yield return $"{indent}{(result.Succeeded ? "then" : "else")}, at {result.At}";
        foreach (var part in result.Results)
        {
            if (part is OperationResult.Nested nested)
            {
                foreach (var fact in Of(nested.Result, indent + "  "))
                    yield return fact;
            }
            else
                yield return $"{indent}  {Of(part)}";
        }
    }

    private static string Of(OperationResult part) => part switch
    {
        OperationResult.Range range =>
            $"{range.Count} keys at {range.At}{(range.More ? ", more" : "")}{string.Concat(range.Keys.Select(key => "; " + Of(key)))}",
        OperationResult.Put put => $"put at {put.At}{(put.Previous is { } previous ? $" was {Of(previous)}" : "")}",
        OperationResult.Delete delete =>
            $"{delete.Count} deleted at {delete.At}{string.Concat(delete.Previous.Select(key => "; was " + Of(key)))}",
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };

    // key=value@modified, and whatever differs from the state of a new key without a lease
    private static string Of(KeyValue key) =>
        $"{key.Key}={key.Value}@{key.Modified}"
        + (key.Version.Number == 1 ? "" : $" version {key.Version} created {key.Created}")
        + (key.Lease == LeaseId.None ? "" : $" lease {key.Lease}");
}
