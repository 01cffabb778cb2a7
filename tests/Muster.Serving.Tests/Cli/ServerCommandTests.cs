namespace Muster.Serving.Tests;

/// <summary>`muster server` as a process: how it starts, says what it serves, and ends.</summary>
public sealed class ServerCommandTests
{
    [Fact]
    public void A_server_that_is_told_to_end_ends_well_and_keeps_everything()
    {
        using var server = MusterServer.Start();
        MusterCommand.Json(server.Endpoint, "put", "a", "1");
        using var watch = ChildProcess.Start(MusterServer.Program, ["store", "watch", "a", "--rev", "2", "--endpoint", server.Endpoint]);
        watch.WaitFor("create");

        Assert.Equal(0, server.Stop());
        server.StartAgain();

        Assert.Contains("at revision 2", server.Output, StringComparison.Ordinal);
        Assert.Equal("1\n", MusterCommand.Run("store", "get", "a", "--values-only", "--endpoint", server.Endpoint).Output);
    }

    [Fact]
    public void A_second_server_on_one_directory_is_refused()
    {
        using var server = MusterServer.Start();

        var (code, _, errors) = MusterCommand.Run("server", "--data", server.Data, "--listen", "127.0.0.1:0");

        Assert.Equal(5, code);
        Assert.Contains(server.Data, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_in_use_is_named()
    {
        using var server = MusterServer.Start();
        using var data = new TemporaryDirectory();

        var (code, _, errors) = MusterCommand.Run("server", "--data", Path.Combine(data.Path, "d"), "--listen", server.Endpoint);

        Assert.Equal(5, code);
        Assert.Contains(server.Endpoint, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--listen", "2379")]
    [InlineData("--listen", "somewhere:1")]
    [InlineData("--quota", "much")]
    [InlineData("--history", "0")]
    [InlineData("--client-ca", "ca.pem")]
    [InlineData("--tls-cert", "cert.pem")]
    public void Options_that_mean_nothing_are_refused_by_name(string option, string value)
    {
        using var data = new TemporaryDirectory();

        var (code, _, errors) = MusterCommand.Run("server", "--data", Path.Combine(data.Path, "d"), option, value);

        Assert.Equal(1, code);
        Assert.Contains(option, errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(data.Path, "d")));
    }

    [Fact]
    public void With_json_it_says_where_it_serves()
    {
        using var data = new TemporaryDirectory();
        using var server = ChildProcess.Start(MusterServer.Program, ["server", "--data", data.Path, "--listen", "127.0.0.1:0", "-o", "json"]);
        server.WaitFor("serving");

        var said = System.Text.Json.JsonDocument.Parse(server.Output).RootElement;

        var address = said.GetProperty("addresses")[0].GetString()!;
        Assert.Equal(0, MusterCommand.Run("store", "put", "a", "1", "--endpoint", address).Code);
        Assert.Equal(1, said.GetProperty("revision").GetInt64());
    }
}
