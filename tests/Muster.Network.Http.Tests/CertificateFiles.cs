using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Muster.Network.Http.Tests;

/// <summary>An authority and what it signed, in memory and in files.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("muster-tls-").FullName;

    public CertificateFiles()
    {
        Authority = MakeAuthority("Test Authority");
        ServerCertificate = Signed("server");
        ClientCertificate = Signed("client");
        File.WriteAllText(AuthorityPath, Authority.ExportCertificatePem());
        Write(ServerCertificate, ServerPath, ServerKeyPath);
        Write(ClientCertificate, ClientPath, ClientKeyPath);
    }

    public X509Certificate2 Authority { get; }

    public X509Certificate2 ServerCertificate { get; }

    public X509Certificate2 ClientCertificate { get; }

    public string AuthorityPath => Path.Combine(_directory, "authority.pem");

    public string ServerPath => Path.Combine(_directory, "server.pem");

    public string ServerKeyPath => Path.Combine(_directory, "server.key");

    public string ClientPath => Path.Combine(_directory, "client.pem");

    public string ClientKeyPath => Path.Combine(_directory, "client.key");

    public static X509Certificate2 MakeAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return Exportable(request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-30), DateTimeOffset.Now.AddDays(30)));
    }

    /// <summary>A certificate for servers and clients on this machine.</summary>
    public X509Certificate2 Signed(string name, string host = "localhost", int fromDay = -1, int toDay = 10, X509Certificate2? by = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        if (host == "localhost")
            names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        using var signed = request.Create(by ?? Authority, DateTimeOffset.Now.AddDays(fromDay), DateTimeOffset.Now.AddDays(toDay), RandomNumberGenerator.GetBytes(8));
        return Exportable(signed.CopyWithPrivateKey(key));
    }

    public GrpcServerTls Server(bool mutual, X509Certificate2? certificate = null) =>
        new(certificate ?? ServerCertificate, [], mutual ? [Authority] : []);

    public GrpcChannelOptions Client(bool bringsCertificate, X509Certificate2? certificate = null, X509Certificate2? authority = null) =>
        new() { Tls = new([authority ?? Authority], bringsCertificate ? certificate ?? ClientCertificate : null) };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static X509Certificate2 Exportable(X509Certificate2 made) =>
        X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);

    private static void Write(X509Certificate2 certificate, string path, string keyPath)
    {
        File.WriteAllText(path, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }
}
