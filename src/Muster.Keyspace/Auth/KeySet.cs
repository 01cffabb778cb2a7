using Muster.Primitives;

namespace Muster.Keyspace.Auth;

/// <summary>The keys of several ranges together, as disjoint intervals: a range is covered also by two that meet inside it.</summary>
internal sealed class KeySet
{
    private readonly List<(ByteString Start, ByteString? End)> _intervals = [];     // ascending, never touching; null: no bound

    public KeySet(IEnumerable<KeyRange> ranges)
    {
        foreach (var (start, end) in ranges.Where(range => !range.IsEmpty).Select(Interval).OrderBy(interval => interval.Start))
        {
            if (_intervals.Count > 0 && Reaches(_intervals[^1].End, start))
                _intervals[^1] = (_intervals[^1].Start, Later(_intervals[^1].End, end));
            else
                _intervals.Add((start, end));
        }
    }

    /// <summary>Whether every key of a range is in the set. A range that no key can lie in is taken for its first key.</summary>
    public bool Covers(KeyRange range)
    {
        var (start, end) = Interval(range.IsEmpty ? KeyRange.Single(range.Start) : range);
        var (low, high) = (0, _intervals.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_intervals[middle].Start.CompareTo(start) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low > 0 && (_intervals[low - 1].End is not { } last || end is { } wanted && wanted.CompareTo(last) <= 0);
    }

    private static (ByteString Start, ByteString? End) Interval(KeyRange range) =>
        range.IsOpen ? (range.Start, null)
        : range.IsSingle ? (range.Start, new ByteString([.. range.Start.Span, 0]))
        : (range.Start, range.End);

    private static bool Reaches(ByteString? end, ByteString start) => end is not { } last || last.CompareTo(start) >= 0;

    private static ByteString? Later(ByteString? left, ByteString? right) =>
        left is not { } mine || right is not { } theirs ? null : mine.CompareTo(theirs) >= 0 ? mine : theirs;
}
