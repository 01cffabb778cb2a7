using Muster.Primitives;

namespace Muster.Keyspace.Storage;

/// <summary>The ordered index: a B+-tree from keys to versions that also counts the keys that exist.</summary>
internal sealed class KeyTree
{
    private TreeNode _root = new Leaf();

    /// <summary>Keys that exist now.</summary>
    public int Live => _root.Live;

    /// <summary>The leaf of a key, and its index there; the complement of where it belongs when it is not known.</summary>
    public (Leaf Leaf, int Index) Locate(ByteString key)
    {
        var node = _root;
        while (node is Branch branch)
            node = branch.Child(branch.Route(key));
        var leaf = (Leaf)node;
        return (leaf, leaf.Search(key));
    }

    /// <summary>Makes a version the newest of its key, which may be new.</summary>
    public void Put(KeyValue version)
    {
        if (_root.Put(version) is { } split)
            _root = new Branch(_root, split);
    }

    /// <summary>Forgets versions of a key that nobody can read once a revision is the oldest readable.</summary>
    /// <returns>What the forgotten versions cost.</returns>
    public long Trim(ByteString key, Revision oldest)
    {
        var (leaf, index) = Locate(key);
        if (index < 0)
            return 0;
        var cost = leaf.Trim(index, oldest);
        var newest = leaf.Newest(index);
        if (newest.Version.Number > 0 || newest.Modified > oldest)
            return cost;
        Remove(key);
        return cost + VersionedKeys.Cost(newest);
    }

    /// <summary>Existing keys in a range, without walking it.</summary>
    public long CountLive(KeyRange range)
    {
        if (range.IsSingle)
        {
            var (leaf, index) = Locate(range.Start);
            return index >= 0 && leaf.IsLive(index) ? 1 : 0;
        }

        if (range.IsEmpty)
            return 0;
        return (range.IsOpen ? Live : LiveBefore(range.End)) - LiveBefore(range.Start);
    }

    /// <summary>A cursor before the first known key of a range.</summary>
    public TreeCursor Seek(KeyRange range)
    {
        var (leaf, index) = Locate(range.Start);
        return new(leaf, index < 0 ? ~index : index, range);
    }

    private int LiveBefore(ByteString key)
    {
        var count = 0;
        var node = _root;
        while (node is Branch branch)
        {
            var index = branch.Route(key);
            count += branch.LiveBefore(index);
            node = branch.Child(index);
        }

        var leaf = (Leaf)node;
        var at = leaf.Search(key);
        return count + leaf.LiveBefore(at < 0 ? ~at : at);
    }

    private void Remove(ByteString key)
    {
        if (_root.Remove(key) && _root is Branch)
            _root = new Leaf();
        while (_root is Branch { Count: 1 } branch)
            _root = branch.Child(0);
    }
}
