namespace Muster.Raft;

/// <summary>A slot of the replicated log; the first entry is at 1.</summary>
public readonly record struct LogIndex(long Number) : IComparable<LogIndex>
{
    /// <summary>Before the first entry.</summary>
    public static LogIndex None => default;

    /// <summary>The slot after this one.</summary>
    public LogIndex Next() => new(Number + 1);

    /// <summary>The slot before this one.</summary>
    public LogIndex Previous() => new(Number - 1);

    /// <inheritdoc/>
    public int CompareTo(LogIndex other) => Number.CompareTo(other.Number);

    /// <summary>The earlier of two slots.</summary>
    public static LogIndex Min(LogIndex left, LogIndex right) => left.Number <= right.Number ? left : right;

    /// <summary>The later of two slots.</summary>
    public static LogIndex Max(LogIndex left, LogIndex right) => left.Number >= right.Number ? left : right;

    /// <summary>The slot a number of slots later.</summary>
    public static LogIndex operator +(LogIndex index, long slots) => new(index.Number + slots);

    /// <summary>How many slots lie between.</summary>
    public static long operator -(LogIndex later, LogIndex earlier) => later.Number - earlier.Number;

    /// <summary>Earlier.</summary>
    public static bool operator <(LogIndex left, LogIndex right) => left.Number < right.Number;

    /// <summary>Later.</summary>
    public static bool operator >(LogIndex left, LogIndex right) => left.Number > right.Number;

    /// <summary>Earlier or the same.</summary>
    public static bool operator <=(LogIndex left, LogIndex right) => left.Number <= right.Number;

    /// <summary>Later or the same.</summary>
    public static bool operator >=(LogIndex left, LogIndex right) => left.Number >= right.Number;

    /// <inheritdoc/>
    public override string ToString() => Number.ToString();
}
