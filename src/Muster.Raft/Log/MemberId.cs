namespace Muster.Raft;

/// <summary>A member's number in its cluster: positive, given once and never given again, also not to the same host.</summary>
/// <remarks>A member that lost its disk is another member: it would otherwise vote twice in one term.</remarks>
public readonly record struct MemberId(ulong Number) : IComparable<MemberId>
{
    /// <summary>No member.</summary>
    public static MemberId None => default;

    /// <summary>Whether this names a member.</summary>
    public bool IsSome => Number != 0;

    /// <inheritdoc/>
    public int CompareTo(MemberId other) => Number.CompareTo(other.Number);

    /// <summary>Lower.</summary>
    public static bool operator <(MemberId left, MemberId right) => left.Number < right.Number;

    /// <summary>Higher.</summary>
    public static bool operator >(MemberId left, MemberId right) => left.Number > right.Number;

    /// <inheritdoc/>
    public override string ToString() => Number.ToString();
}
