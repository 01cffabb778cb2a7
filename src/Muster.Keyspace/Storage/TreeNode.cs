using Muster.Primitives;

namespace Muster.Keyspace.Storage;

/// <summary>A node of the ordered index.</summary>
internal abstract class TreeNode
{
    /// <summary>Keys below that exist now.</summary>
    public abstract int Live { get; }

    /// <summary>Makes a version the newest of its key; a full node gives away its upper half.</summary>
    /// <returns>The new right neighbour and its lowest key, or null.</returns>
    public abstract Split? Put(KeyValue version);

    /// <summary>Removes a key with all its versions.</summary>
    /// <returns>Whether the node is empty now.</returns>
    public abstract bool Remove(ByteString key);

    internal sealed record Split(ByteString Lowest, TreeNode Right);
}
