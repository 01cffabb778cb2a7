using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Muster.Network.Http;

namespace Muster.Server.Etcd;

/// <summary>How a server serves its store with etcd's protocol.</summary>
public sealed record EtcdOptions
{
    /// <summary>Where it listens.</summary>
    public required ImmutableArray<IPEndPoint> Listen { get; init; }

    /// <summary>The member's name; default <c>default</c>, as etcd's.</summary>
    public string Name { get; init; } = "default";

    /// <summary>Addresses that clients are told of, as URLs; empty: those that it listens on.</summary>
    public ImmutableArray<string> Advertise { get; init; } = [];

    /// <summary>File with the server's certificate and those between it and its authority, in PEM; null: plain text.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>File with the certificate's private key, in PEM.</summary>
    public string? KeyFile { get; init; }

    /// <summary>File with the authorities of clients, in PEM; a client then must bring a certificate of theirs.</summary>
    public string? ClientAuthorityFile { get; init; }

    /// <summary>How often an idle watch that asked for it is told how far it has seen; default 10 minutes, as etcd's.</summary>
    public TimeSpan ProgressEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long calls may take to end when the server stops; default 5 s.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What the files say.</summary>
    /// <exception cref="CertificateFileException">A file is missing or holds no certificate or key.</exception>
    internal GrpcServerTls? LoadTls()
    {
        if (CertificateFile is not { } certificate)
            return null;
        var chain = LoadAuthorities(certificate);
        var own = Load(certificate, () => X509Certificate2.CreateFromPemFile(certificate, KeyFile));
        chain.Remove(chain.First(each => each.Thumbprint == own.Thumbprint));
        return new(own, chain, ClientAuthorityFile is { } authorities ? LoadAuthorities(authorities) : []);
    }

    private static X509Certificate2Collection LoadAuthorities(string file) => Load(file, () =>
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("it holds no certificate");
    });

    private static T Load<T>(string file, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CertificateFileException(file, failure);
        }
    }
}

/// <summary>A certificate's file cannot be used.</summary>
/// <param name="file">Which.</param>
/// <param name="cause">Why.</param>
public sealed class CertificateFileException(string file, Exception cause)
    : IOException($"the certificate or key of '{file}' cannot be used: {cause.Message.TrimEnd('.')}; it must be PEM, and the key must belong to it", cause);
