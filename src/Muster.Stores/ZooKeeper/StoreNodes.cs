using System.Collections.Immutable;
using System.Globalization;
using Muster.Codecs.ZooKeeper;
using Muster.Primitives;

namespace Muster.Stores.ZooKeeper;

/// <summary>Which node holds what, below the store's own.</summary>
/// <remarks>
/// Keys are spread over <see cref="Shards"/> parents, so that a parent's list of children stays under the packet limit: ten
/// thousand names of a hundred bytes are one.
/// </remarks>
internal sealed class StoreNodes(string chroot)
{
    public const int Shards = 64;

    public string Root => chroot;

    public string Cluster { get; } = $"{chroot}/cluster";

    public string Commits { get; } = $"{chroot}/commits";

    public string Leases { get; } = $"{chroot}/leases";

    public string Requests { get; } = $"{chroot}/requests";

    public string Keys { get; } = $"{chroot}/keys";

    /// <summary>Root's ancestors and itself, outermost first.</summary>
    public IEnumerable<string> Above
    {
        get
        {
            for (var slash = chroot.IndexOf('/', 1); slash > 0; slash = chroot.IndexOf('/', slash + 1))
                yield return chroot[..slash];
            yield return chroot;
        }
    }

    public ImmutableArray<string> KeyShards => [.. Enumerable.Range(0, Shards).Select(Shard)];

    public string Commit(long ordinal) => string.Create(CultureInfo.InvariantCulture, $"{Commits}/{ordinal:D12}");

    public string Lease(LeaseId lease) => string.Create(CultureInfo.InvariantCulture, $"{Leases}/{lease.Number:x16}");

    public string Request(ulong client) => string.Create(CultureInfo.InvariantCulture, $"{Requests}/{client:x16}");

    /// <summary>By a hash that is the same in every process, which <see cref="ByteString"/>'s is.</summary>
    public string Key(ByteString key) => $"{Shard((int)((uint)key.GetHashCode() % Shards))}/{ZnodePath.Escape(key)}";

    /// <summary>The commit's number in the last part of a path, or 0.</summary>
    public static long OrdinalOf(string name) =>
        long.TryParse(name.AsSpan(name.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : 0;

    /// <summary>The lease in the last part of a path, or none.</summary>
    public static LeaseId LeaseOf(string name) =>
        long.TryParse(name.AsSpan(name.LastIndexOf('/') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var lease) ? new(lease) : LeaseId.None;

    private string Shard(int number) => string.Create(CultureInfo.InvariantCulture, $"{Keys}/{number:x2}");
}
