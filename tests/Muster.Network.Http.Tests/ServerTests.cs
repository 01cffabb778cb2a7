namespace Muster.Network.Http.Tests;

/// <summary>Our server, Python's client.</summary>
public sealed class ServerTests(ITestOutputHelper output)
{
    private const int Claims = 14;

    [Fact]
    public async Task Python_s_client_finds_everything_as_it_should_be()
    {
        PythonPeer.Require();
        await using var server = EchoService.Server();
        await server.StartAsync(TestContext.Current.CancellationToken);

        await CheckAsync($"127.0.0.1:{server.Addresses[0].Port}");
    }

    [Fact]
    public async Task Python_s_client_finds_everything_as_it_should_be_over_mutual_TLS()
    {
        PythonPeer.Require();
        using var files = new CertificateFiles();
        await using var server = EchoService.Server(files.Server(mutual: true));
        await server.StartAsync(TestContext.Current.CancellationToken);

        await CheckAsync($"127.0.0.1:{server.Addresses[0].Port}", files.AuthorityPath, files.ClientPath, files.ClientKeyPath);
    }

    private async Task CheckAsync(params string[] arguments)
    {
        using var client = PythonPeer.Start([PythonPeer.Script("client.py"), .. arguments]);
        client.StandardInput.Close();
        var lines = (await client.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await client.WaitForExitAsync();

        Assert.DoesNotContain(lines, line => !line.StartsWith("ok ", StringComparison.Ordinal));
        Assert.Equal(0, client.ExitCode);
        Assert.True(lines.Length >= Claims, $"only {lines.Length} claims were tried");
        output.WriteLine($"count: {lines.Length} claims of grpcio's client");
    }
}
