using Muster.Stores.Etcd;
using Muster.Stores.ZooKeeper;

namespace Muster.Stores;

/// <summary>Which store is rented, and where in it: what follows <c>--store</c>.</summary>
public abstract record StoreAddress
{
    private StoreAddress()
    {
    }

    /// <summary>The whole address, with its password: for files that only their owner reads.</summary>
    public abstract string Url { get; }

    /// <summary>A store of its own below this one.</summary>
    /// <param name="name">Letters, digits and '-'.</param>
    public abstract StoreAddress Below(string name);

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is none; the message says what is wrong.</exception>
    public static StoreAddress Parse(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (url.StartsWith(ZooKeeperAddress.Scheme, StringComparison.Ordinal))
            return new ZooKeeper(ZooKeeperAddress.Parse(url));
        if (EtcdAddress.IsOne(url))
            return new Etcd(EtcdAddress.Parse(url));
        throw new FormatException($"store address '{url[..Math.Min(url.Length, url.IndexOf(':') + 1)]}…' names no engine: write {EtcdAddress.Scheme}HOST:2379,… or {ZooKeeperAddress.Scheme}HOST:2181,…");
    }

    /// <summary>An etcd cluster.</summary>
    /// <param name="Address">Which.</param>
    public sealed record Etcd(EtcdAddress Address) : StoreAddress
    {
        /// <inheritdoc/>
        public override string Url => Address.Url;

        /// <inheritdoc/>
        public override StoreAddress Below(string name) => new Etcd(Address with { Prefix = $"{(Address.Prefix.Length > 0 ? Address.Prefix : "/")}{name}/" });

        /// <inheritdoc/>
        public override string ToString() => Address.ToString();
    }

    /// <summary>A ZooKeeper ensemble.</summary>
    /// <param name="Address">Which.</param>
    public sealed record ZooKeeper(ZooKeeperAddress Address) : StoreAddress
    {
        /// <inheritdoc/>
        public override string Url => Address.Url;

        /// <inheritdoc/>
        public override StoreAddress Below(string name) => new ZooKeeper(Address with { Chroot = $"{Address.Chroot}/{name}" });

        /// <inheritdoc/>
        public override string ToString() => Address.ToString();
    }
}
