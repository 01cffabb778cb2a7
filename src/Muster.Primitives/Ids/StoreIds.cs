using System.Text.Json.Serialization;

namespace Muster.Primitives;

/// <summary>The store's global change counter: 1 when empty, one more per modifying request.</summary>
[JsonConverter(typeof(RevisionConverter))]
public readonly record struct Revision(long Number) : IComparable<Revision>
{
    /// <summary>No revision: a key that does not exist, or "now" where one is asked for.</summary>
    public static Revision None => default;

    /// <summary>The revision after this one.</summary>
    public Revision Next() => new(Number + 1);

    /// <inheritdoc/>
    public int CompareTo(Revision other) => Number.CompareTo(other.Number);

    /// <summary>Earlier.</summary>
    public static bool operator <(Revision left, Revision right) => left.Number < right.Number;

    /// <summary>Later.</summary>
    public static bool operator >(Revision left, Revision right) => left.Number > right.Number;

    /// <summary>Earlier or the same.</summary>
    public static bool operator <=(Revision left, Revision right) => left.Number <= right.Number;

    /// <summary>Later or the same.</summary>
    public static bool operator >=(Revision left, Revision right) => left.Number >= right.Number;

    /// <inheritdoc/>
    public override string ToString() => Number.ToString();
}

/// <summary>How often a key was put since it was created; 0 when it does not exist.</summary>
public readonly record struct KeyVersion(long Number)
{
    /// <inheritdoc/>
    public override string ToString() => Number.ToString();
}

/// <summary>A lease's id, positive; 0 means no lease.</summary>
public readonly record struct LeaseId(long Number) : IComparable<LeaseId>
{
    /// <summary>No lease.</summary>
    public static LeaseId None => default;

    /// <inheritdoc/>
    public int CompareTo(LeaseId other) => Number.CompareTo(other.Number);

    /// <summary>Lower-case hexadecimal without padding, as in the keys of etcd's recipes.</summary>
    public override string ToString() => Number.ToString("x");
}

/// <summary>Names one store: two stores never share an id, whatever was copied.</summary>
public readonly record struct ClusterId(ulong Number)
{
    /// <inheritdoc/>
    public override string ToString() => Number.ToString("x16");
}

/// <summary>Names one request of one client, so that it is applied once however often it is sent.</summary>
/// <param name="Client">Chosen by the client at its start, 64 random bits.</param>
/// <param name="Sequence">Rises by one with each request of that client.</param>
public readonly record struct RequestId(ulong Client, ulong Sequence);

/// <summary>Grows with every grant; the resource refuses a smaller one, and another cluster's by name.</summary>
/// <param name="Cluster">The cluster that granted.</param>
/// <param name="Granted">Create revision of the grant's key, whose name is never used twice.</param>
[JsonConverter(typeof(FencingTokenConverter))]
public readonly record struct FencingToken(ClusterId Cluster, Revision Granted)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Cluster}/{Granted}";
}
