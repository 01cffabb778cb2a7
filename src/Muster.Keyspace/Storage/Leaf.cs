using System.Numerics;
using Muster.Primitives;

namespace Muster.Keyspace.Storage;

/// <summary>Up to 64 neighbouring keys with their versions.</summary>
internal sealed class Leaf : TreeNode
{
    private readonly KeyBlock _keys = new();
    private readonly KeyValue[] _newest = new KeyValue[KeyBlock.Capacity];
    private KeyHistory?[]? _past;       // most leaves of a compacted store have none
    private ulong _live;                // bit i: key i exists now

    public Leaf? Next { get; private set; }

    public Leaf? Previous { get; private set; }

    public int Count => _keys.Count;

    public override int Live => BitOperations.PopCount(_live);

    public int Search(ByteString key) => _keys.Search(key);

    public ByteString KeyAt(int index) => _keys[index];

    public KeyValue Newest(int index) => _newest[index];

    public bool IsLive(int index) => (_live >> index & 1) != 0;

    /// <summary>Existing keys before an index.</summary>
    public int LiveBefore(int index) => index >= 64 ? Live : BitOperations.PopCount(_live & ((1UL << index) - 1));

    /// <summary>The key's state at a revision; null when it did not exist.</summary>
    public KeyValue? At(int index, Revision revision)
    {
        var version = _newest[index];
        if (version.Modified > revision)
            version = _past?[index]?.At(revision);
        return version is { Version.Number: > 0 } ? version : null;
    }

    /// <summary>Makes a version the newest of a key that is here.</summary>
    public void Replace(int index, KeyValue version)
    {
        _past ??= new KeyHistory?[KeyBlock.Capacity];
        (_past[index] ??= new()).Add(_newest[index]);
        _newest[index] = version;
        _live = version.Version.Number > 0 ? _live | 1UL << index : _live & ~(1UL << index);
    }

    public override Split? Put(KeyValue version)
    {
        var found = _keys.Search(version.Key);
        if (found >= 0)
        {
            Replace(found, version);
            return null;
        }

        var index = ~found;
        if (_keys.Count < KeyBlock.Capacity)
        {
            Insert(index, version);
            return null;
        }

        // Keys that arrive in order fill every leaf: only the new key moves on.
        var right = SplitAt(index == Count && Next is null ? Count : Count / 2);
        if (index > Count || right.Count == 0)
            right.Insert(index - Count, version);
        else
            Insert(index, version);
        return new(right._keys[0], right);
    }

    public override bool Remove(ByteString key)
    {
        var index = _keys.Search(key);
        if (index < 0)
            return false;
        _keys.RemoveAt(index);
        Array.Copy(_newest, index + 1, _newest, index, Count - index);
        _newest[Count] = null!;
        if (_past is not null)
        {
            Array.Copy(_past, index + 1, _past, index, Count - index);
            _past[Count] = null;
        }

        var below = (1UL << index) - 1;
        _live = _live & below | _live >> 1 & ~below;
        if (Count == 0)
            Unlink();
        return Count == 0;
    }

    /// <summary>Forgets versions of a key that nobody can read any more.</summary>
    /// <returns>What the forgotten versions cost.</returns>
    public long Trim(int index, Revision oldest)
    {
        if (_past?[index] is not { } history)
            return 0;
        var cost = history.Trim(oldest, _newest[index]);
        if (history.Count == 0)
            _past[index] = null;
        return cost;
    }

    private void Insert(int index, KeyValue version)
    {
        var moved = Count - index;
        _keys.Insert(index, version.Key);
        Array.Copy(_newest, index, _newest, index + 1, moved);
        _newest[index] = version;
        if (_past is not null)
        {
            Array.Copy(_past, index, _past, index + 1, moved);
            _past[index] = null;
        }

        var below = (1UL << index) - 1;
        _live = _live & below | (_live & ~below) << 1 | (version.Version.Number > 0 ? 1UL << index : 0);
    }

    private Leaf SplitAt(int from)
    {
        var right = new Leaf();
        var moved = Count - from;
        _keys.MoveTail(from, right._keys);
        Array.Copy(_newest, from, right._newest, 0, moved);
        Array.Clear(_newest, from, moved);
        if (_past is not null && moved > 0)
        {
            right._past = new KeyHistory?[KeyBlock.Capacity];
            Array.Copy(_past, from, right._past, 0, moved);
            Array.Clear(_past, from, moved);
        }

        if (from < 64)
        {
            right._live = _live >> from;
            _live &= (1UL << from) - 1;
        }

        (right.Next, right.Previous) = (Next, this);
        if (Next is not null)
            Next.Previous = right;
        Next = right;
        return right;
    }

    private void Unlink()
    {
        if (Previous is not null)
            Previous.Next = Next;
        if (Next is not null)
            Next.Previous = Previous;
    }
}
