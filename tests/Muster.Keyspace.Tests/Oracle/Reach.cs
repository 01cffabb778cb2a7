using Muster.Primitives;

namespace Muster.Keyspace.Tests.Oracle;

/// <summary>Counts what the random cases reached; a property over cases that never happen proves nothing.</summary>
internal sealed class Reach
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public void Saw(string what) => _counts[what] = Count(what) + 1;

    public void Saw(Command command, CommandResult result)
    {
        Saw(command.GetType().Name);
        if (result is CommandResult.Refused refused)
            Saw(refused.Refusal.ToString());
        if (command is Command.Transact { Transaction.Guards.Length: > 0 } && result is CommandResult.Transacted done)
            Saw(done.Result, "");
    }

    public long Count(string what) => _counts.GetValueOrDefault(what);

    public double Share(string one, string other) => (double)Count(one) / (Count(one) + Count(other));

    public override string ToString() => string.Join(", ", _counts.Select(pair => $"{pair.Key} {pair.Value}"));

    private void Saw(TransactionResult result, string prefix)
    {
        Saw(prefix + (result.Succeeded ? "then" : "else"));
        foreach (var nested in result.Results.OfType<OperationResult.Nested>())
            Saw(nested.Result, "nested ");
    }
}
