using System.Collections.Immutable;
using System.Globalization;
using Muster.Codecs.ZooKeeper;

namespace Muster.Stores.ZooKeeper;

/// <summary>One server of an ensemble.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">Client port.</param>
public readonly record struct ZooKeeperServer(string Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

/// <summary>Where a store in ZooKeeper is: <c>zookeeper://[user:password@]h1:2181,h2:2181[/chroot]</c>.</summary>
/// <param name="Servers">At least one; any of them will do.</param>
/// <param name="Chroot">Node below which everything of the store is; two stores have two.</param>
public sealed record ZooKeeperAddress(ImmutableArray<ZooKeeperServer> Servers, string Chroot)
{
    /// <summary>How the address begins.</summary>
    public const string Scheme = "zookeeper://";

    /// <summary>Node of a store whose address names none.</summary>
    public const string ChrootDefault = "/muster";

    /// <summary><c>user:password</c> for scheme digest; nodes are then made for this user only. Null: for everybody.</summary>
    public string? Credentials { get; init; }

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is none; the message says what is wrong.</exception>
    public static ZooKeeperAddress Parse(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.StartsWith(Scheme, StringComparison.Ordinal))
            throw new FormatException($"store address '{Hidden(url)}' must begin with {Scheme}");
        var rest = url[Scheme.Length..];
        string? credentials = null;
        if (rest.LastIndexOf('@') is >= 0 and var at)
        {
            credentials = Uri.UnescapeDataString(rest[..at]);
            rest = rest[(at + 1)..];
            if (credentials.IndexOf(':') <= 0)
                throw new FormatException($"store address '{Hidden(url)}' must name user:password before '@'");
        }

        var slash = rest.IndexOf('/');
        var chroot = slash < 0 || slash == rest.Length - 1 ? ChrootDefault : rest[slash..].TrimEnd('/');
        if (chroot.Contains('?') || ZnodePath.Flaw(chroot) is not null)
            throw new FormatException($"store address '{Hidden(url)}': {ZnodePath.Flaw(chroot) ?? "there are no options after '?'"}");
        var servers = (slash < 0 ? rest : rest[..slash]).Split(',').Select(text => Server(text, url)).ToImmutableArray();
        return new(servers, chroot) { Credentials = credentials };
    }

    /// <summary>The address with its password.</summary>
    public string Url => $"{Scheme}{(Credentials is { } all ? EscapedCredentials(all) + "@" : "")}{string.Join(',', Servers)}{Chroot}";

    /// <summary>The address without its password.</summary>
    public override string ToString() =>
        $"{Scheme}{(Credentials is { } shown ? shown[..shown.IndexOf(':')] + ":…@" : "")}{string.Join(',', Servers)}{Chroot}";

    private static ZooKeeperServer Server(string text, string url)
    {
        const int PortDefault = 2181;
        var colon = text.EndsWith(']') ? -1 : text.LastIndexOf(':');
        var host = (colon < 0 ? text : text[..colon]).Trim('[', ']');
        var port = PortDefault;
        if (host.Length == 0 || colon >= 0 && !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
            throw new FormatException($"store address '{Hidden(url)}': '{text}' is not host or host:port");
        return new(host, port);
    }

    private static string EscapedCredentials(string all) =>
        $"{Uri.EscapeDataString(all[..all.IndexOf(':')])}:{Uri.EscapeDataString(all[(all.IndexOf(':') + 1)..])}";

    private static string Hidden(string url) => url.LastIndexOf('@') is >= 0 and var at ? $"{Scheme}…{url[at..]}" : url;
}
