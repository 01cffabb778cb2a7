using System.Text;

namespace Muster.Primitives;

/// <summary>Immutable bytes compared as unsigned, lexicographically: keys and values of the store.</summary>
/// <remarks>The array handed in must not be changed afterwards.</remarks>
public readonly struct ByteString(byte[] bytes) : IEquatable<ByteString>, IComparable<ByteString>
{
    private readonly byte[]? _bytes = bytes;

    /// <summary>No bytes.</summary>
    public static ByteString Empty => default;

    /// <summary>The bytes of a text in UTF-8.</summary>
    public static ByteString From(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>A copy of some bytes.</summary>
    public static ByteString Copy(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    /// <summary>Number of bytes.</summary>
    public int Length => _bytes?.Length ?? 0;

    /// <summary>Whether there are no bytes.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>The bytes, for asynchronous callers.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>Whether the first bytes are those of <paramref name="prefix"/>.</summary>
    public bool StartsWith(ByteString prefix) => Span.StartsWith(prefix.Span);

    /// <inheritdoc/>
    public bool Equals(ByteString other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ByteString other && Equals(other);

    /// <summary>The same in every process: it may order nothing, but it must not make two runs differ.</summary>
    public override int GetHashCode()
    {
        var hash = 2166136261u;                      // FNV-1a: Fowler, Noll, Vo
        foreach (var b in Span)
            hash = (hash ^ b) * 16777619u;
        return (int)hash;
    }

    /// <inheritdoc/>
    public int CompareTo(ByteString other) => Span.SequenceCompareTo(other.Span);

    /// <summary>Equal bytes.</summary>
    public static bool operator ==(ByteString left, ByteString right) => left.Equals(right);

    /// <summary>Different bytes.</summary>
    public static bool operator !=(ByteString left, ByteString right) => !left.Equals(right);

    /// <summary>The bytes read as UTF-8, for people.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Span);
}
