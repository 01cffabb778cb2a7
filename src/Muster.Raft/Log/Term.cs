namespace Muster.Raft;

/// <summary>Raft's election number, from 0; at most one leader in each.</summary>
public readonly record struct Term(long Number) : IComparable<Term>
{
    /// <summary>Before the first election; also "no entry here".</summary>
    public static Term None => default;

    /// <summary>The term after this one.</summary>
    public Term Next() => new(Number + 1);

    /// <inheritdoc/>
    public int CompareTo(Term other) => Number.CompareTo(other.Number);

    /// <summary>Earlier.</summary>
    public static bool operator <(Term left, Term right) => left.Number < right.Number;

    /// <summary>Later.</summary>
    public static bool operator >(Term left, Term right) => left.Number > right.Number;

    /// <summary>Earlier or the same.</summary>
    public static bool operator <=(Term left, Term right) => left.Number <= right.Number;

    /// <summary>Later or the same.</summary>
    public static bool operator >=(Term left, Term right) => left.Number >= right.Number;

    /// <inheritdoc/>
    public override string ToString() => Number.ToString();
}
