namespace Muster.Primitives;

/// <summary>A set of keys in etcd's form: one key, a half-open interval, or everything from a key on.</summary>
/// <param name="Start">First key; a single zero byte together with the same end means every key.</param>
/// <param name="End">Empty: only <paramref name="Start"/>. A single zero byte: no upper bound. Else excluded.</param>
public readonly record struct KeyRange(ByteString Start, ByteString End)
{
    private static readonly ByteString s_zero = new([0]);

    /// <summary>Every key.</summary>
    public static KeyRange All => new(s_zero, s_zero);

    /// <summary>One key.</summary>
    public static KeyRange Single(ByteString key) => new(key, ByteString.Empty);

    /// <summary>All keys that begin with a prefix; every key for an empty one.</summary>
    public static KeyRange Prefix(ByteString prefix)
    {
        var bytes = prefix.Span;
        for (var last = bytes.Length - 1; last >= 0; last--)
        {
            if (bytes[last] == 0xFF)
                continue;
            var end = bytes[..(last + 1)].ToArray();
            end[last]++;
            return new(prefix, new(end));
        }

        return new(prefix.IsEmpty ? s_zero : prefix, s_zero);
    }

    /// <summary>All keys that begin with a text.</summary>
    public static KeyRange Prefix(string prefix) => Prefix(ByteString.From(prefix));

    /// <summary>Whether the range is one key.</summary>
    public bool IsSingle => End.IsEmpty;

    /// <summary>Whether the range has no upper bound.</summary>
    public bool IsOpen => End == s_zero;

    /// <summary>Whether no key can lie in the range.</summary>
    public bool IsEmpty => !IsSingle && !IsOpen && End.CompareTo(Start) <= 0;

    /// <summary>Whether a key lies in the range.</summary>
    public bool Contains(ByteString key) =>
        IsSingle ? key == Start : key.CompareTo(Start) >= 0 && (IsOpen || key.CompareTo(End) < 0);
}
