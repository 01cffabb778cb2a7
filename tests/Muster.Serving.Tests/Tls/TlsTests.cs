namespace Muster.Serving.Tests;

/// <summary>`muster server` with TLS, as etcdctl and `muster store` see it.</summary>
public sealed class TlsTests
{
    [Fact]
    public void A_client_that_knows_the_authority_is_served_and_others_are_told_why_not()
    {
        Peers.Require(Peers.Etcdctl);
        using var authority = new Authority("ours");
        using var stranger = new Authority("theirs");
        var (certificate, key) = authority.Sign("server");
        using var server = MusterServer.Start("--tls-cert", certificate, "--tls-key", key);
        var url = "https://" + server.Endpoint;

        Assert.Equal("OK\n", Etcdctl.Run(url, "--cacert", authority.File, "put", "a", "1").Output);
        Assert.Equal("1\n", MusterCommand.Run("store", "get", "a", "--values-only", "--endpoint", url, "--ca", authority.File).Output);
        Assert.Equal(5, MusterCommand.Run("store", "get", "a", "--endpoint", url, "--ca", stranger.File).Code);
        Assert.Equal(5, MusterCommand.Run("store", "get", "a", "--endpoint", "http://" + server.Endpoint).Code);
        Assert.NotEqual(0, Etcdctl.Run(url, "--cacert", stranger.File, "--dial-timeout=2s", "--command-timeout=2s", "get", "a").Code);
        Assert.NotEqual(0, Etcdctl.Run("http://" + server.Endpoint, "--dial-timeout=2s", "--command-timeout=2s", "get", "a").Code);
    }

    [Fact]
    public void With_an_authority_for_clients_a_certificate_is_asked_for_and_its_name_is_the_user()
    {
        using var authority = new Authority("ours");
        using var stranger = new Authority("theirs");
        var (certificate, key) = authority.Sign("server");
        using var server = MusterServer.Start("--tls-cert", certificate, "--tls-key", key, "--client-ca", authority.File);
        string[] Asked(Authority by, string name, params string[] words)
        {
            var (own, ownKey) = by.Sign(name);
            return ["store", .. words, "--endpoint", "https://" + server.Endpoint, "--ca", authority.File, "--cert", own, "--key", ownKey];
        }

        Assert.Equal(0, MusterCommand.Run(Asked(authority, "ann", "put", "a", "1")).Code);
        Assert.Equal(5, MusterCommand.Run(Asked(stranger, "ann", "put", "a", "1")).Code);
        Assert.Equal(5, MusterCommand.Run("store", "get", "a", "--endpoint", "https://" + server.Endpoint, "--ca", authority.File).Code);

        Peers.Require(Peers.Etcdctl);
        var (rootCertificate, rootKey) = authority.Sign("root");
        int AsRoot(params string[] words) => Etcdctl.Run(
            "https://" + server.Endpoint, ["--cacert", authority.File, "--cert", rootCertificate, "--key", rootKey, .. words]).Code;
        Assert.Equal(0, AsRoot("user", "add", "root:pw"));
        Assert.Equal(0, AsRoot("user", "grant-role", "root", "root"));
        Assert.Equal(0, AsRoot("auth", "enable"));
        Assert.Equal(0, AsRoot("put", "a", "2"));
        Assert.Equal((6, "muster: refused: etcdserver: permission denied\n"), MusterCommand.Run(Asked(authority, "ann", "put", "a", "3")) is var (code, _, errors) ? (code, errors) : default);
        Assert.Equal(0, MusterCommand.Run(Asked(authority, "ann", "put", "a", "3", "--user", "root:pw")).Code);
    }

    [Fact]
    public void A_certificate_that_cannot_be_used_is_named()
    {
        using var authority = new Authority("ours");
        var (certificate, _) = authority.Sign("server");
        var (_, otherKey) = authority.Sign("other");
        using var data = new TemporaryDirectory();

        var wrongKey = MusterCommand.Run("server", "--data", Path.Combine(data.Path, "d"), "--listen", "127.0.0.1:0", "--tls-cert", certificate, "--tls-key", otherKey);
        var missing = MusterCommand.Run("server", "--data", Path.Combine(data.Path, "d"), "--listen", "127.0.0.1:0", "--tls-cert", "/none.pem", "--tls-key", otherKey);

        Assert.Equal((5, 5), (wrongKey.Code, missing.Code));
        Assert.Contains(certificate, wrongKey.Errors, StringComparison.Ordinal);
        Assert.Contains("/none.pem", missing.Errors, StringComparison.Ordinal);
    }
}
