using Muster.Primitives;

namespace Muster.Keyspace.Storage;

/// <summary>Walks the known keys of a range in order; invalid after any change of the tree.</summary>
internal struct TreeCursor(Leaf leaf, int index, KeyRange range)
{
    private Leaf? _leaf = leaf;
    private int _index = index - 1;
    private int _end = -1;              // where the range ends in this leaf; -1: not looked up yet

    /// <summary>The next existing key's state now.</summary>
    public bool NextLive(out KeyValue found)
    {
        while (Advance())
        {
            if (!_leaf!.IsLive(_index))
                continue;
            found = _leaf.Newest(_index);
            return true;
        }

        found = null!;
        return false;
    }

    /// <summary>The next key's state at a revision, among those that existed then.</summary>
    public bool NextAt(Revision revision, out KeyValue found)
    {
        while (Advance())
        {
            if (_leaf!.At(_index, revision) is not { } version)
                continue;
            found = version;
            return true;
        }

        found = null!;
        return false;
    }

    private bool Advance()
    {
        while (_leaf is not null)
        {
            if (_end < 0)
                _end = EndIn(_leaf);
            if (++_index < _end)
                return true;
            if (_end < _leaf.Count)
                break;
            _leaf = range.IsSingle ? null : _leaf.Next;
            (_index, _end) = (-1, -1);
        }

        _leaf = null;
        return false;
    }

    // One search per leaf instead of one comparison per key.
    private readonly int EndIn(Leaf leaf)
    {
        if (range.IsOpen)
            return leaf.Count;
        var found = leaf.Search(range.IsSingle ? range.Start : range.End);
        if (range.IsSingle)
            return found >= 0 ? found + 1 : 0;
        return found >= 0 ? found : ~found;
    }
}
