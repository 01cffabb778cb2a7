using System.Security.Cryptography.X509Certificates;

namespace Muster.Network.Http.Protocol;

/// <summary>Whom to believe: the authorities that were named, and no others.</summary>
internal static class CertificateTrust
{
    /// <summary>Whether one of the authorities signed a client's certificate, for clients, and its time is now.</summary>
    public static bool IsTrusted(X509Certificate2 certificate, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain { ChainPolicy = Only(authorities) };
        chain.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.2"));      // client authentication
        return chain.Build(certificate);
    }

    public static X509ChainPolicy Only(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        policy.DisableCertificateDownloads = true;
        return policy;
    }
}
