using System.Collections.Immutable;
using System.Globalization;

namespace Muster.Stores.Etcd;

/// <summary>Files that say whom to believe and who we are; PEM.</summary>
/// <param name="Authorities">Certificates of the authorities; null: the system's.</param>
/// <param name="Certificate">Our own certificate; null: none.</param>
/// <param name="Key">Its private key; null when it is in the certificate's file.</param>
/// <param name="ServerName">Name that the servers' certificates must bear; null: the host's.</param>
public sealed record EtcdTls(string? Authorities, string? Certificate, string? Key, string? ServerName);

/// <summary>
/// Where a store in etcd is: <c>etcd://[user:password@]h1:2379,h2:2379[?prefix=/a/]</c>; <c>etcds://</c> for TLS, with
/// <c>ca=FILE</c>, <c>cert=FILE</c>, <c>key=FILE</c> and <c>name=SERVER</c> where needed.
/// </summary>
/// <param name="Endpoints">host:port of servers of one cluster; any of them will do.</param>
/// <param name="Prefix">What every key of the store begins with; empty, or ends with '/'. Two stores have two.</param>
public sealed record EtcdAddress(ImmutableArray<string> Endpoints, string Prefix)
{
    /// <summary>How an address in plain text begins.</summary>
    public const string Scheme = "etcd://";

    /// <summary>How an address with TLS begins.</summary>
    public const string SecureScheme = "etcds://";

    /// <summary>User and password; null: none.</summary>
    public (string User, string Password)? Credentials { get; init; }

    /// <summary>TLS; null: plain text.</summary>
    public EtcdTls? Tls { get; init; }

    /// <summary>Whether a text begins like an address of etcd.</summary>
    public static bool IsOne(string url) =>
        url is not null && (url.StartsWith(Scheme, StringComparison.Ordinal) || url.StartsWith(SecureScheme, StringComparison.Ordinal));

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is none; the message says what is wrong.</exception>
    public static EtcdAddress Parse(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!IsOne(url))
            throw new FormatException($"a store address of etcd begins with {Scheme} or {SecureScheme}");
        var isSecure = url.StartsWith(SecureScheme, StringComparison.Ordinal);
        var rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var query = rest.IndexOf('?') is >= 0 and var mark ? rest[(mark + 1)..] : "";
        rest = rest[..(rest.Length - (query.Length > 0 ? query.Length + 1 : rest.EndsWith('?') ? 1 : 0))].TrimEnd('/');
        (string, string)? credentials = null;
        if (rest.LastIndexOf('@') is >= 0 and var at)
        {
            var pair = rest[..at].Split(':', 2);
            if (pair.Length != 2 || pair[0].Length == 0)
                throw new FormatException("store address: write user:password before '@'");
            credentials = (Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair[1]));
            rest = rest[(at + 1)..];
        }

        var options = Options(query, isSecure);
        var prefix = options.GetValueOrDefault("prefix", "");
        if (prefix.Length > 0 && !prefix.EndsWith('/'))
            throw new FormatException($"store address: prefix '{prefix}' must end with '/', so that no store's keys begin with another's prefix");
        return new([.. rest.Split(',').Select(Endpoint)], prefix)
        {
            Credentials = credentials,
            Tls = isSecure
                ? new(options.GetValueOrDefault("ca"), options.GetValueOrDefault("cert"), options.GetValueOrDefault("key"), options.GetValueOrDefault("name"))
                : null,
        };
    }

    /// <summary>The address with its password.</summary>
    public string Url => Text(Credentials is { } known ? $"{Uri.EscapeDataString(known.User)}:{Uri.EscapeDataString(known.Password)}@" : "");

    /// <summary>The address without its password.</summary>
    public override string ToString() => Text(Credentials is { } known ? $"{known.User}:…@" : "");

    private string Text(string credentials)
    {
        var options = new (string Name, string? Value)[]
        {
            ("prefix", Prefix.Length > 0 ? Prefix : null), ("ca", Tls?.Authorities), ("cert", Tls?.Certificate), ("key", Tls?.Key), ("name", Tls?.ServerName),
        };
        var query = string.Join('&', options.Where(option => option.Value is not null).Select(option => $"{option.Name}={Uri.EscapeDataString(option.Value!)}"));
        return $"{(Tls is null ? Scheme : SecureScheme)}{credentials}{string.Join(',', Endpoints)}{(query.Length > 0 ? "?" + query : "")}";
    }

    private static SortedDictionary<string, string> Options(string query, bool isSecure)
    {
        string[] known = isSecure ? ["prefix", "ca", "cert", "key", "name"] : ["prefix"];
        var options = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = option.Split('=', 2);
            if (pair.Length != 2 || !known.Contains(pair[0]))
                throw new FormatException($"store address: option '{pair[0]}' is not one of {string.Join(", ", known)}{(isSecure ? "" : $"; for TLS write {SecureScheme}")}");
            options[pair[0]] = Uri.UnescapeDataString(pair[1]);
        }

        return options;
    }

    private static string Endpoint(string text)
    {
        const int PortDefault = 2379;
        var colon = text.EndsWith(']') ? -1 : text.LastIndexOf(':');
        var (host, port) = (colon < 0 ? text : text[..colon], PortDefault);
        if (host.Length == 0 || colon >= 0 && !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
            throw new FormatException($"store address: '{text}' is not host or host:port");
        return $"{host}:{port}";
    }
}
