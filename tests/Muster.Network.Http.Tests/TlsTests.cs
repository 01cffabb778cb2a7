using System.Net.Sockets;
using System.Text;

namespace Muster.Network.Http.Tests;

public sealed class TlsTests : IDisposable
{
    private readonly CertificateFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Both_sides_know_each_other_and_the_server_can_tell_who_calls()
    {
        await using var server = await StartAsync(_files.Server(mutual: true));
        using var channel = Channel(server, _files.Client(bringsCertificate: true));

        var who = await channel.UnaryAsync("/test.Echo/Who", default, cancel: Cancel);

        Assert.Equal("CN=client", Encoding.UTF8.GetString(who.Span));
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_let_in_only_where_none_is_asked_for()
    {
        await using var open = await StartAsync(_files.Server(mutual: false));
        await using var strict = await StartAsync(_files.Server(mutual: true));
        using var one = Channel(open, _files.Client(bringsCertificate: false));
        using var other = Channel(strict, _files.Client(bringsCertificate: false));

        await one.UnaryAsync("/test.Echo/Unary", default, cancel: Cancel);
        await RefusedAsync(other);
        await HealthyAsync(strict);
    }

    [Fact]
    public async Task A_client_whose_certificate_another_authority_signed_is_refused()
    {
        using var stranger = CertificateFiles.MakeAuthority("Stranger");
        await using var server = await StartAsync(_files.Server(mutual: true));
        using var channel = Channel(server, _files.Client(bringsCertificate: true, _files.Signed("client", by: stranger)));

        await RefusedAsync(channel);
        await HealthyAsync(server);
    }

    [Fact]
    public async Task A_client_whose_certificate_has_expired_is_refused()
    {
        await using var server = await StartAsync(_files.Server(mutual: true));
        using var channel = Channel(server, _files.Client(bringsCertificate: true, _files.Signed("client", fromDay: -20, toDay: -10)));

        await RefusedAsync(channel);
        await HealthyAsync(server);
    }

    [Fact]
    public async Task A_server_is_refused_for_its_authority_its_name_and_its_time()
    {
        using var stranger = CertificateFiles.MakeAuthority("Stranger");
        await using var server = await StartAsync(_files.Server(mutual: false));
        await using var renamed = await StartAsync(_files.Server(mutual: false, _files.Signed("server", host: "elsewhere")));
        await using var expired = await StartAsync(_files.Server(mutual: false, _files.Signed("server", fromDay: -20, toDay: -10)));
        using var wrongAuthority = Channel(server, _files.Client(bringsCertificate: false, authority: stranger));
        using var wrongName = Channel(renamed, _files.Client(bringsCertificate: false));
        using var wrongTime = Channel(expired, _files.Client(bringsCertificate: false));

        foreach (var channel in new[] { wrongAuthority, wrongName, wrongTime })
            Assert.True((await RefusedAsync(channel)).WasNotSent);
    }

    [Fact]
    public async Task A_name_other_than_the_address_can_be_expected()
    {
        await using var renamed = await StartAsync(_files.Server(mutual: false, _files.Signed("server", host: "elsewhere")));
        using var channel = Channel(renamed, new() { Tls = new([_files.Authority], ServerName: "elsewhere") });

        await channel.UnaryAsync("/test.Echo/Unary", default, cancel: Cancel);
    }

    [Fact]
    public async Task Plain_text_to_a_TLS_port_is_refused_and_so_is_the_reverse()
    {
        await using var secure = await StartAsync(_files.Server(mutual: false));
        await using var plain = await StartAsync(null);
        using var plainClient = new GrpcChannel(new($"http://127.0.0.1:{secure.Addresses[0].Port}"));
        using var secureClient = new GrpcChannel(new($"https://127.0.0.1:{plain.Addresses[0].Port}"), _files.Client(bringsCertificate: false));

        await RefusedAsync(plainClient);
        await RefusedAsync(secureClient);
        using var rude = new TcpClient("127.0.0.1", secure.Addresses[0].Port);
        await rude.GetStream().WriteAsync(new byte[100], Cancel);
        using var healthy = Channel(secure, _files.Client(bringsCertificate: false));
        await healthy.UnaryAsync("/test.Echo/Unary", default, cancel: Cancel);
        await HealthyAsync(plain);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<GrpcServer> StartAsync(GrpcServerTls? tls)
    {
        var server = EchoService.Server(tls);
        await server.StartAsync(Cancel);
        return server;
    }

    private static GrpcChannel Channel(GrpcServer server, GrpcChannelOptions options) =>
        new(new($"https://localhost:{server.Addresses[0].Port}"), options);

    private static async Task<GrpcException> RefusedAsync(GrpcChannel channel)
    {
        var refused = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync("/test.Echo/Unary", default, cancel: Cancel));
        Assert.Equal(GrpcCode.Unavailable, refused.Code);
        return refused;
    }

    /// <summary>Whoever behaves is served as before.</summary>
    private async Task HealthyAsync(GrpcServer server)
    {
        using var channel = server.Addresses[0].Scheme == "https"
            ? Channel(server, _files.Client(bringsCertificate: true))
            : new GrpcChannel(new($"http://127.0.0.1:{server.Addresses[0].Port}"));
        await channel.UnaryAsync("/test.Echo/Unary", default, cancel: Cancel);
    }
}
