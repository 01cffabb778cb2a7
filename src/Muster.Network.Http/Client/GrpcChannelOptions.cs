using System.Security.Cryptography.X509Certificates;

namespace Muster.Network.Http;

/// <summary>Whom a client believes, and how it proves who it is.</summary>
/// <param name="Authorities">Whose signature a server's certificate must bear; empty: those of the system.</param>
/// <param name="ClientCertificate">With its private key; null to bring none.</param>
/// <param name="ServerName">The name that the certificate must bear; null: the host of the address.</param>
public sealed record GrpcClientTls(
    X509Certificate2Collection Authorities, X509Certificate2? ClientCertificate = null, string? ServerName = null);

/// <summary>Limits and habits of a channel.</summary>
public sealed record GrpcChannelOptions
{
    /// <summary>The defaults.</summary>
    public static GrpcChannelOptions Default { get; } = new();

    /// <summary>For <c>https</c> addresses; null: the system's authorities.</summary>
    public GrpcClientTls? Tls { get; init; }

    /// <summary>Longest message taken, in bytes; default 2 GiB − 1, as etcd's own clients have it.</summary>
    public int MessageBytesMax { get; init; } = int.MaxValue;

    /// <summary>How long connecting may take; default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which the server is asked whether it lives, while calls are open; default 10 s, and not less than that:
    /// etcd closes connections that ask more often.</summary>
    public TimeSpan PingAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence after that question which ends the connection; default 10 s.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether calls beyond what one connection takes open another; default true.</summary>
    public bool MayOpenMoreConnections { get; init; } = true;
}

/// <summary>What goes with one call.</summary>
public sealed record GrpcCallOptions
{
    /// <summary>How long to wait; then <see cref="GrpcCode.DeadlineExceeded"/>. Null: for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Names, in lower case, and values of metadata.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];
}
