namespace Muster.Serving.Tests;

/// <summary>A full store, and the way back without any tool of etcd's.</summary>
public sealed class SpaceTests
{
    [Fact]
    public void A_full_store_says_so_survives_a_kill_and_comes_back()
    {
        using var server = MusterServer.Start("--quota", "1MB");
        var at = server.Endpoint;
        var value = new string('x', 100_000);
        for (var i = 0; MusterCommand.RunWith(value, "store", "put", $"fill{i}", "-", "--endpoint", at).Code == 0; i++)
            Assert.True(i < 12);

        server.Kill();
        server.StartAgain();

        Assert.Equal(6, MusterCommand.Run("store", "put", "a", "1", "--endpoint", at).Code);
        Assert.Equal("NOSPACE", MusterCommand.Json(at, "alarm", "ls").GetProperty("alarms")[0].GetProperty("alarm").GetString());
        Assert.Contains("NOSPACE", MusterCommand.Run("store", "status", "--endpoint", at).Output, StringComparison.Ordinal);
        MusterCommand.Json(at, "del", "fill", "--prefix");
        var revision = MusterCommand.Json(at, "status").GetProperty("revision").GetInt64();
        MusterCommand.Json(at, "compact", $"{revision}");
        Assert.Equal(6, MusterCommand.Run("store", "put", "a", "1", "--endpoint", at).Code);
        MusterCommand.Json(at, "alarm", "clear");
        Assert.Equal(0, MusterCommand.Run("store", "put", "a", "1", "--endpoint", at).Code);
        Assert.Contains("no alarm", MusterCommand.Run("store", "alarm", "ls", "--endpoint", at).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Requests_beyond_the_limits_are_refused_with_etcds_words()
    {
        using var server = MusterServer.Start();
        var at = server.Endpoint;

        var large = MusterCommand.RunWith(new string('x', 1_600_000), "store", "put", "large", "-", "--endpoint", at);
        var many = MusterCommand.Run(["store", "txn", "--endpoint", at, .. Enumerable.Range(0, 129).SelectMany(i => new[] { "--then", $"put k{i} 1" })]);

        Assert.Equal((6, "muster: refused: etcdserver: request is too large\n"), (large.Code, large.Errors));
        Assert.Equal((6, "muster: refused: etcdserver: too many operations in txn request\n"), (many.Code, many.Errors));
    }
}
