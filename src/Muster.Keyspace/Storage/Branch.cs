using Muster.Primitives;

namespace Muster.Keyspace.Storage;

/// <summary>An inner node: children, their lowest keys, and how many keys exist below each.</summary>
internal sealed class Branch : TreeNode
{
    private readonly KeyBlock _lowest = new();          // of every child but the first
    private readonly TreeNode[] _children = new TreeNode[KeyBlock.Capacity + 1];
    private readonly int[] _live = new int[KeyBlock.Capacity + 1];
    private int _total;

    private Branch()
    {
    }

    public Branch(TreeNode left, TreeNode.Split split)
    {
        _children[0] = left;
        _live[0] = left.Live;
        _total = left.Live;
        InsertAfter(0, split);
    }

    public override int Live => _total;

    public int Count { get; private set; } = 1;

    public TreeNode Child(int index) => _children[index];

    /// <summary>Which child a key belongs to.</summary>
    public int Route(ByteString key)
    {
        var found = _lowest.Search(key);
        return found >= 0 ? found + 1 : ~found;
    }

    /// <summary>Existing keys below the children before an index.</summary>
    public int LiveBefore(int index)
    {
        var sum = 0;
        for (var i = 0; i < index; i++)
            sum += _live[i];
        return sum;
    }

    public override Split? Put(KeyValue version)
    {
        var index = Route(version.Key);
        var split = _children[index].Put(version);
        Recount(index);
        if (split is null)
            return null;
        if (Count <= KeyBlock.Capacity)
        {
            InsertAfter(index, split);
            return null;
        }

        var (lowest, right) = Divide(index == Count - 1 ? Count - 1 : Count / 2);
        if (index >= Count)
            right.InsertAfter(index - Count, split);
        else
            InsertAfter(index, split);
        return new(lowest, right);
    }

    public override bool Remove(ByteString key)
    {
        var index = Route(key);
        var empty = _children[index].Remove(key);
        Recount(index);
        if (!empty)
            return false;
        Count--;                        // freed only when empty: Johnson and Shasha, PODS 1989
        Array.Copy(_children, index + 1, _children, index, Count - index);
        Array.Copy(_live, index + 1, _live, index, Count - index);
        _children[Count] = null!;
        if (Count > 0)
            _lowest.RemoveAt(Math.Max(0, index - 1));
        return Count == 0;
    }

    private void Recount(int index)
    {
        var live = _children[index].Live;
        _total += live - _live[index];
        _live[index] = live;
    }

    private void InsertAfter(int index, Split split)
    {
        Recount(index);
        Array.Copy(_children, index + 1, _children, index + 2, Count - index - 1);
        Array.Copy(_live, index + 1, _live, index + 2, Count - index - 1);
        _children[index + 1] = split.Right;
        _live[index + 1] = split.Right.Live;
        _total += split.Right.Live;
        _lowest.Insert(index, split.Lowest);
        Count++;
    }

    private (ByteString Lowest, Branch Right) Divide(int from)
    {
        var right = new Branch();
        var lowest = _lowest[from - 1];
        _lowest.MoveTail(from, right._lowest);
        _lowest.RemoveAt(from - 1);
        right.Count = Count - from;
        Array.Copy(_children, from, right._children, 0, right.Count);
        Array.Copy(_live, from, right._live, 0, right.Count);
        Array.Clear(_children, from, right.Count);
        Count = from;
        right._total = right.LiveBefore(right.Count);
        _total -= right._total;
        return (lowest, right);
    }
}
