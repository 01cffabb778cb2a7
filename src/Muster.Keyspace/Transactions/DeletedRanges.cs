using Muster.Primitives;

namespace Muster.Keyspace.Transactions;

/// <summary>The union of the ranges that one branch deletes, kept sorted and disjoint.</summary>
/// <remarks>
/// An open range ("from a key on") is not in it: etcd reads its end, one zero byte, as an ordinary bound here, so that such a
/// delete never collides with a put. Observed on a real etcd, and kept.
/// </remarks>
internal sealed class DeletedRanges
{
    private List<(ByteString Start, ByteString End)> _ranges = [];

    public void Add(KeyRange range)
    {
        if (range.IsOpen || range.IsEmpty)
            return;
        var end = range.IsSingle ? new ByteString([.. range.Start.Span, 0]) : range.End;
        _ranges.Add((range.Start, end));
    }

    /// <summary>Brings the ranges added in order; needed before <see cref="Contains"/> and <see cref="Union"/>.</summary>
    public void Settle()
    {
        _ranges.Sort((left, right) => left.Start.CompareTo(right.Start));
        _ranges = Merged(_ranges);
    }

    public void Union(DeletedRanges other)
    {
        if (other._ranges.Count == 0)
            return;
        var all = new List<(ByteString Start, ByteString End)>(_ranges.Count + other._ranges.Count);
        int left = 0, right = 0;
        while (left < _ranges.Count || right < other._ranges.Count)
        {
            var takeLeft = right == other._ranges.Count
                || left < _ranges.Count && _ranges[left].Start.CompareTo(other._ranges[right].Start) <= 0;
            all.Add(takeLeft ? _ranges[left++] : other._ranges[right++]);
        }

        _ranges = Merged(all);
    }

    public bool Contains(ByteString key)
    {
        int low = 0, high = _ranges.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_ranges[middle].Start.CompareTo(key) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low > 0 && key.CompareTo(_ranges[low - 1].End) < 0;
    }

    private static List<(ByteString Start, ByteString End)> Merged(List<(ByteString Start, ByteString End)> sorted)
    {
        var merged = new List<(ByteString Start, ByteString End)>(sorted.Count);
        foreach (var range in sorted)
        {
            if (merged.Count == 0 || merged[^1].End.CompareTo(range.Start) < 0)
                merged.Add(range);
            else if (merged[^1].End.CompareTo(range.End) < 0)
                merged[^1] = (merged[^1].Start, range.End);
        }

        return merged;
    }
}
