using System.Collections;
using System.Collections.Immutable;

namespace Muster.Raft;

/// <summary>Members in ascending order, compared by value. Small: a cluster has a handful.</summary>
public readonly struct MemberSet : IEquatable<MemberSet>, IReadOnlyList<MemberId>
{
    private readonly ImmutableArray<MemberId> _members;

    private MemberSet(ImmutableArray<MemberId> sorted) => _members = sorted;

    /// <summary>Nobody.</summary>
    public static MemberSet Empty => default;

    /// <summary>The members given, each once.</summary>
    public static MemberSet Of(params IEnumerable<MemberId> members) => new([.. members.Distinct().Order()]);

    /// <summary>How many.</summary>
    public int Count => _members.IsDefault ? 0 : _members.Length;

    /// <summary>The member at a place in ascending order.</summary>
    public MemberId this[int index] => _members[index];

    /// <summary>Whether a member is in it.</summary>
    public bool Contains(MemberId member)
    {
        for (var i = 0; i < Count; i++)
            if (_members[i] == member)
                return true;
        return false;
    }

    /// <summary>The set with a member more.</summary>
    public MemberSet With(MemberId member) => Contains(member) ? this : Of([.. this, member]);

    /// <summary>The set without a member.</summary>
    public MemberSet Without(MemberId member) => Contains(member) ? Of(this.Where(other => other != member)) : this;

    /// <summary>The members of either.</summary>
    public MemberSet Union(MemberSet other) => other.Count == 0 ? this : Of([.. this, .. other]);

    /// <summary>How many members are in one of two sets only.</summary>
    public int DifferenceTo(MemberSet other)
    {
        var both = 0;
        foreach (var member in this)
            both += other.Contains(member) ? 1 : 0;
        return Count + other.Count - 2 * both;
    }

    /// <inheritdoc/>
    public bool Equals(MemberSet other)
    {
        if (Count != other.Count)
            return false;
        for (var i = 0; i < Count; i++)
            if (_members[i] != other._members[i])
                return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MemberSet other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = 17;
        foreach (var member in this)
            hash = hash * 31 + member.GetHashCode();
        return hash;
    }

    /// <summary>Walks the members without allocating.</summary>
    public ImmutableArray<MemberId>.Enumerator GetEnumerator() =>
        (_members.IsDefault ? ImmutableArray<MemberId>.Empty : _members).GetEnumerator();

    IEnumerator<MemberId> IEnumerable<MemberId>.GetEnumerator() =>
        ((IEnumerable<MemberId>)(_members.IsDefault ? ImmutableArray<MemberId>.Empty : _members)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<MemberId>)this).GetEnumerator();

    /// <summary>Same members.</summary>
    public static bool operator ==(MemberSet left, MemberSet right) => left.Equals(right);

    /// <summary>Other members.</summary>
    public static bool operator !=(MemberSet left, MemberSet right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => $"({string.Join(' ', this)})";
}
