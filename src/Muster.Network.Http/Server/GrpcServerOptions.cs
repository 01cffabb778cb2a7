using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Muster.Network.Http;

/// <summary>Where a server listens, and how.</summary>
/// <param name="Address">An <see cref="IPEndPoint"/> (port 0: one that is free) or a Unix socket.</param>
/// <param name="Tls">Null for plain text.</param>
public sealed record GrpcListener(EndPoint Address, GrpcServerTls? Tls = null);

/// <summary>How a server proves who it is, and whom it lets in.</summary>
/// <param name="Certificate">With its private key.</param>
/// <param name="Chain">Certificates between it and its authority, sent along; may be empty.</param>
/// <param name="ClientAuthorities">When not empty, a client must bring a certificate that one of these signed.</param>
public sealed record GrpcServerTls(
    X509Certificate2 Certificate, X509Certificate2Collection Chain, X509Certificate2Collection ClientAuthorities);

/// <summary>Limits and habits of a server.</summary>
public sealed record GrpcServerOptions
{
    /// <summary>Where it listens; at least one.</summary>
    public required IReadOnlyList<GrpcListener> Listeners { get; init; }

    /// <summary>Receives what a handler throws beside <see cref="GrpcException"/> and cancellation, with the method's path: the
    /// process's top, which ends the process.</summary>
    public required Action<string, Exception> Failed { get; init; }

    /// <summary>Longest message taken, in bytes; default 2 MiB. Longer: <see cref="GrpcCode.ResourceExhausted"/>.</summary>
    public int MessageBytesMax { get; init; } = 2 * 1024 * 1024;

    /// <summary>Calls at once on one connection; default 16,384. More wait on the client's side, as HTTP/2 has it.</summary>
    public int CallsPerConnectionMax { get; init; } = 16_384;

    /// <summary>Connections; default 50,000. More are closed at once.</summary>
    public long ConnectionsMax { get; init; } = 50_000;

    /// <summary>Bytes of answers that wait in one connection for its reader; default 64 KiB. Then writers wait.</summary>
    public long WaitingBytesMax { get; init; } = 64 * 1024;

    /// <summary>A connection without calls is closed after this; default 1 h.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Silence after which a connection is asked whether it lives; default 30 s.</summary>
    public TimeSpan PingAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence after that question which ends the connection; default 20 s.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(20);
}
