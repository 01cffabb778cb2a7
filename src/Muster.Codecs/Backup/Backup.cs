using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.Backup;

/// <summary>What a backup holds.</summary>
/// <param name="Cluster">The store that it was taken of.</param>
/// <param name="Image">Its whole state.</param>
public sealed record Backup(ClusterId Cluster, KeyspaceImage Image)
{
    /// <summary>The version written, and the newest read.</summary>
    public const byte Version = 1;

    /// <summary>The digest at the end lies behind a multiple of this, by which clients of etcd recognise that there is one.</summary>
    internal const int PageBytes = 512;

    internal const int DigestBytes = 32;

    internal const int HeadBytes = 17;

    internal static ReadOnlySpan<byte> Magic => "MUSTERBK"u8;
}
