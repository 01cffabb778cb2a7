using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>What reading a range came to.</summary>
public abstract record ReadOutcome
{
    private ReadOutcome()
    {
    }

    /// <summary>It was read.</summary>
    /// <param name="Range">The keys.</param>
    public sealed record Found(OperationResult.Range Range) : ReadOutcome;

    /// <summary>The rules forbid it.</summary>
    /// <param name="Refusal">Which rule.</param>
    public sealed record Refused(StoreRefusal Refusal) : ReadOutcome;
}
