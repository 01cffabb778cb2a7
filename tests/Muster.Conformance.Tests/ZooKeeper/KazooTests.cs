using System.Diagnostics;
using Muster.Peers;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Conformance.Tests;

/// <summary>Python's kazoo on the ZooKeeper used here, beside a store of ours: neither minds the other.</summary>
public sealed class KazooTests
{
    [Fact]
    public void Kazoos_election_works_on_the_ZooKeeper_that_holds_a_store() => LoopContext.Run("kazoo", async () =>
    {
        Peer.Require(Directory.Exists("/usr/lib/python3/dist-packages/kazoo"), "python3-kazoo");
        using var harness = await ZooKeeperEngine.StartAsync();
        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "kazoo_election.py"), $"127.0.0.1:{ZooKeeperEngine.Server.Port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var election = Process.Start(start)!;
        var said = election.StandardOutput.ReadToEndAsync();

        for (var i = 0; i < 50; i++)
            await harness.Store.TransactAsync(Transaction.Always(new Operation.Put(ByteString.From("beside"), ByteString.From($"{i}"))), null, default);
        await election.WaitForExitAsync();

        Assert.True(election.ExitCode == 0, await election.StandardError.ReadToEndAsync());
        Assert.StartsWith("each led once:", await said, StringComparison.Ordinal);
        Assert.Equal(51, (await harness.Store.RangeAsync(new Operation.Range(KeyRange.All), default)).At.Number);
    });
}
