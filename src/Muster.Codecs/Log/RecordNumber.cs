namespace Muster.Codecs.Log;

/// <summary>A record's place in a write-ahead log: 1 for the first ever appended, then dense. Not a revision, not an offset.</summary>
/// <param name="Value">0 means "before the first record".</param>
public readonly record struct RecordNumber(long Value) : IComparable<RecordNumber>
{
    /// <summary>Before the first record.</summary>
    public static RecordNumber None { get; }

    /// <summary>The number that follows.</summary>
    public RecordNumber Next => new(Value + 1);

    /// <inheritdoc/>
    public int CompareTo(RecordNumber other) => Value.CompareTo(other.Value);

    /// <summary>Whether one comes before another.</summary>
    public static bool operator <(RecordNumber left, RecordNumber right) => left.Value < right.Value;

    /// <summary>Whether one comes after another.</summary>
    public static bool operator >(RecordNumber left, RecordNumber right) => left.Value > right.Value;

    /// <summary>Whether one comes before another or is the same.</summary>
    public static bool operator <=(RecordNumber left, RecordNumber right) => left.Value <= right.Value;

    /// <summary>Whether one comes after another or is the same.</summary>
    public static bool operator >=(RecordNumber left, RecordNumber right) => left.Value >= right.Value;

    /// <summary>A number this many places on.</summary>
    public static RecordNumber operator +(RecordNumber number, long count) => new(number.Value + count);

    /// <summary>A number this many places back.</summary>
    public static RecordNumber operator -(RecordNumber number, long count) => new(number.Value - count);

    /// <summary>See the operator.</summary>
    public RecordNumber Add(long count) => this + count;

    /// <summary>See the operator.</summary>
    public RecordNumber Subtract(long count) => this - count;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
