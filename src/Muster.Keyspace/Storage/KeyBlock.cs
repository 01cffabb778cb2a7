using System.Buffers.Binary;
using Muster.Primitives;

namespace Muster.Keyspace.Storage;

/// <summary>The sorted keys of one tree node, searched mostly without touching the keys themselves.</summary>
/// <remarks>
/// All keys of a node share their first <c>_skip</c> bytes; the eight bytes that follow lie side by side as big-endian numbers.
/// A search compares numbers in one cache line and looks at a key only where two of them tie. Keys with long common prefixes,
/// the usual kind here, therefore cost no more than short ones.
/// </remarks>
internal sealed class KeyBlock
{
    public const int Capacity = 64;

    private readonly ByteString[] _keys = new ByteString[Capacity];
    private readonly ulong[] _heads = new ulong[Capacity];
    private int _skip;

    public int Count { get; private set; }

    public ByteString this[int index] => _keys[index];

    /// <summary>The key's index, or the complement of the index where it belongs.</summary>
    public int Search(ByteString key)
    {
        if (Count == 0)
            return ~0;
        var span = key.Span;
        if (_skip > 0)
        {
            var shared = span[..Math.Min(_skip, span.Length)].SequenceCompareTo(_keys[0].Span[.._skip]);
            if (shared != 0)
                return shared < 0 ? ~0 : ~Count;
        }

        var head = Head(span, _skip);
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var other = _heads[middle];
            var order = other != head ? (other < head ? -1 : 1) : _keys[middle].Span.SequenceCompareTo(span);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    public void Insert(int index, ByteString key)
    {
        Invariant.Require(Count < Capacity);
        Array.Copy(_keys, index, _keys, index + 1, Count - index);
        Array.Copy(_heads, index, _heads, index + 1, Count - index);
        _keys[index] = key;
        Count++;
        if (index == 0 || index == Count - 1)
            ShrinkSkip();
        _heads[index] = Head(key.Span, _skip);
    }

    public void RemoveAt(int index)
    {
        Count--;
        Array.Copy(_keys, index + 1, _keys, index, Count - index);
        Array.Copy(_heads, index + 1, _heads, index, Count - index);
        _keys[Count] = default;      // what remains still shares at least as many bytes: _skip stays valid
    }

    /// <summary>Moves the keys from an index on to an empty block.</summary>
    public void MoveTail(int from, KeyBlock target)
    {
        Array.Copy(_keys, from, target._keys, 0, Count - from);
        target.Count = Count - from;
        Array.Clear(_keys, from, Count - from);
        Count = from;
        RecomputeHeads();
        target.RecomputeHeads();
    }

    private void ShrinkSkip()
    {
        var shared = SharedLength();
        if (shared < _skip || Count <= 2)
            RecomputeHeads();
    }

    private void RecomputeHeads()
    {
        _skip = Count == 0 ? 0 : SharedLength();
        for (var i = 0; i < Count; i++)
            _heads[i] = Head(_keys[i].Span, _skip);
    }

    // The keys are sorted, so what the first and the last share, all share.
    private int SharedLength() => _keys[0].Span.CommonPrefixLength(_keys[Count - 1].Span);

    private static ulong Head(ReadOnlySpan<byte> key, int skip)
    {
        if (key.Length >= skip + 8)
            return BinaryPrimitives.ReadUInt64BigEndian(key[skip..]);
        var head = 0UL;
        for (var i = skip; i < key.Length; i++)
            head |= (ulong)key[i] << (56 - 8 * (i - skip));
        return head;
    }
}
