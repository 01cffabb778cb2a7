using System.Security.Cryptography;

namespace Muster.Serving.Tests;

/// <summary>Backups as files: saved, shown, refused when damaged, and made into stores.</summary>
public sealed class BackupTests
{
    [Fact]
    public void A_restored_store_has_the_keys_and_grants_no_revision_twice()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "backup");
        using var server = MusterServer.Start();
        for (var i = 0; i < 5; i++)
            MusterCommand.Json(server.Endpoint, "put", $"k{i}", $"{i}");
        MusterCommand.Json(server.Endpoint, "del", "k0");
        var lease = MusterCommand.Json(server.Endpoint, "lease", "grant", "5000").GetProperty("lease").GetString()!;
        MusterCommand.Json(server.Endpoint, "put", "leased", "1", "--lease", lease);
        var cluster = MusterCommand.Json(server.Endpoint, "status").GetProperty("cluster").GetString();

        var saved = MusterCommand.Json(server.Endpoint, "snapshot", "save", file);
        var target = Path.Combine(directory.Path, "restored");
        var restored = MusterCommand.Run("store", "snapshot", "restore", file, "--data", target, "--bump", "1000");

        Assert.Equal((5, 8L), (saved.GetProperty("keys").GetInt32(), saved.GetProperty("revision").GetInt64()));
        Assert.True(restored.Code == 0, restored.Errors);
        using var again = MusterServer.StartOn(target);
        Assert.NotEqual(cluster, MusterCommand.Json(again.Endpoint, "status").GetProperty("cluster").GetString());
        var all = MusterCommand.Json(again.Endpoint, "get", "", "--prefix");
        Assert.Equal(1008, all.GetProperty("revision").GetInt64());
        Assert.Equal(["k1", "k2", "k3", "k4", "leased"], all.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("key").GetString()));
        Assert.Equal(3, all.GetProperty("keys")[0].GetProperty("create_revision").GetInt64());
        Assert.Equal(lease, MusterCommand.Json(again.Endpoint, "lease", "ls").GetProperty("leases")[0].GetString());
        Assert.Equal(1009, MusterCommand.Json(again.Endpoint, "put", "new", "1").GetProperty("revision").GetInt64());
        Assert.Equal(6, MusterCommand.Run("store", "watch", "k1", "--rev", "3", "--endpoint", again.Endpoint).Code);
    }

    [Fact]
    public void What_etcdctl_saves_is_the_same_backup()
    {
        Peers.Require(Peers.Etcdctl);
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "backup");
        using var server = MusterServer.Start();
        MusterCommand.Json(server.Endpoint, "put", "a", "1");

        var (code, _, errors) = Etcdctl.Run(server.Endpoint, "snapshot", "save", file);

        Assert.True(code == 0, errors);
        var bytes = File.ReadAllBytes(file);
        Assert.Equal(32, bytes.Length % 512);
        Assert.Equal(SHA256.HashData(bytes.AsSpan(..^32)), bytes[^32..]);
        Assert.Contains("1 keys", MusterCommand.Run("store", "snapshot", "status", file).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flip", 100)]
    [InlineData("flip", -10)]
    [InlineData("cut", 300)]
    [InlineData("grow", 0)]
    public void A_damaged_backup_is_refused_by_name_and_offset_and_nothing_is_made(string how, int at)
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "backup");
        using (var server = MusterServer.Start())
            MusterCommand.Json(server.Endpoint, "snapshot", "save", file);
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, how switch
        {
            "flip" => [.. bytes.Select((b, i) => i == (at + bytes.Length) % bytes.Length ? (byte)(b ^ 4) : b)],
            "cut" => bytes[..at],
            _ => [.. bytes, 0],
        });

        var target = Path.Combine(directory.Path, "restored");
        var (code, _, errors) = MusterCommand.Run("store", "snapshot", "restore", file, "--data", target);

        Assert.Equal(5, code);
        Assert.Contains($"{file} is damaged at offset ", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(target));
    }

    [Fact]
    public void A_directory_that_holds_something_is_not_restored_into()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "backup");
        using var server = MusterServer.Start();
        MusterCommand.Json(server.Endpoint, "snapshot", "save", file);

        var (code, _, errors) = MusterCommand.Run("store", "snapshot", "restore", file, "--data", server.Data);

        Assert.Equal(5, code);
        Assert.Contains("holds something already", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_of_a_backup_that_could_not_be_saved()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "backup");

        var (code, _, _) = MusterCommand.Run("store", "snapshot", "save", file, "--endpoint", $"127.0.0.1:{FreePorts.One()}");

        Assert.Equal(5, code);
        Assert.False(File.Exists(file));
    }
}
