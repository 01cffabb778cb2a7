namespace Muster.Raft;

/// <summary>Where an entry stands; two logs that agree in one position agree in everything before it.</summary>
public readonly record struct LogPosition(Term Term, LogIndex Index)
{
    /// <summary>Whether a log that ends here holds at least what a log that ends there holds (Raft, §5.4.1).</summary>
    public bool IsUpToDateWith(LogPosition other) =>
        Term > other.Term || (Term == other.Term && Index >= other.Index);

    /// <inheritdoc/>
    public override string ToString() => $"{Term}/{Index}";
}

/// <summary>One entry of the replicated log. Never changes once made.</summary>
/// <param name="term">The term of the leader that made it.</param>
/// <param name="index">Its slot.</param>
/// <param name="data">What the state machine gets; empty for the entry of a leader taking office.</param>
/// <param name="change">A change of membership, for the core itself; then data is empty.</param>
public sealed class LogEntry(Term term, LogIndex index, ReadOnlyMemory<byte> data, ConfigurationChange? change = null)
{
    /// <summary>Bytes an entry is counted with beyond its data.</summary>
    public const int OverheadBytes = 24;

    /// <summary>The term of the leader that made it.</summary>
    public Term Term { get; } = term;

    /// <summary>Its slot.</summary>
    public LogIndex Index { get; } = index;

    /// <summary>What the state machine gets.</summary>
    public ReadOnlyMemory<byte> Data { get; } = data;

    /// <summary>The change of membership that it carries, if it carries one.</summary>
    public ConfigurationChange? Change { get; } = change;

    /// <summary>Term and slot.</summary>
    public LogPosition Position => new(Term, Index);

    /// <summary>What limits count it with, in bytes.</summary>
    public long SizeBytes => OverheadBytes + Data.Length + (Change?.SizeBytes ?? 0);

    /// <inheritdoc/>
    public override string ToString() => Change is null ? $"{Term}/{Index} {Data.Length} bytes" : $"{Term}/{Index} {Change}";
}
