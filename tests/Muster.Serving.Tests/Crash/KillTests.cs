using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Serving.Tests;

/// <summary>A server is killed in the middle of the load of many clients, again and again.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Kills = 50;
    private const int Clients = 64;
    private const string Prefix = "load/";

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill_and_watches_go_on_where_they_were()
    {
        var kills = Kills * Math.Min(Seeds.Scale, 20);
        var random = new SeededRandom(Seeds.First);
        using var server = MusterServer.Start("--history", "100000000");
        await using var watch = new ResumingWatch(server.Endpoint, Prefix);
        var acknowledged = new Acknowledged();

        for (var kill = 0; kill < kills; kill++)
        {
            // A number of answers, not a time: slow machines are killed in the middle just as well.
            await LoadUntilKilledAsync(server, acknowledged, kill, random.Next(1, 600));
            server.StartAgain();
            if (kill % 10 == 9 || kill == kills - 1)
                Assert.Empty(acknowledged.Faults(await EverythingAsync(server)));
        }

        var held = await EverythingAsync(server);
        await watch.UntilAsync(held.Keys.Max(key => key.Modified));
        Assert.Equal(
            held.Keys.OrderBy(key => key.Modified).Select(key => (key.Modified, key.Key.ToString())),
            watch.Seen.Select(key => (key.Modified, key.Key.ToString())));
        output.WriteLine($"count: {kills} kills -9 of a server under the load of {Clients} clients, {acknowledged.Count} acknowledged writes kept, "
            + $"watch resumed {watch.Losses} times over {held.Keys.Length} events");
        Assert.True(acknowledged.Count >= kills);
    }

    private static async Task<OperationResult.Range> EverythingAsync(MusterServer server)
    {
        using var client = new EtcdClient(server.Endpoint);
        return await client.RangeAsync(KeyRange.Prefix(Prefix));
    }

    private static async Task LoadUntilKilledAsync(MusterServer server, Acknowledged acknowledged, int round, int answers)
    {
        var left = answers;
        var killed = 0;
        var clients = Enumerable.Range(0, Clients).Select(number => Task.Run(async () =>
        {
            using var client = new EtcdClient(server.Endpoint);
            for (var i = 0; ; i++)
            {
                var key = $"{Prefix}{round:0000}/{number:00}/{i:0000}";
                acknowledged.Sent(key);
                try
                {
                    acknowledged.Add(key, await client.PutAsync(key, key));
                }
                catch (GrpcException)
                {
                    return;     // its outcome is unknown
                }

                if (Interlocked.Decrement(ref left) <= 0 && Interlocked.Exchange(ref killed, 1) == 0)
                    server.Kill();
            }
        }));
        await Task.WhenAll(clients.ToArray());
        Assert.Equal(1, killed);
    }
}
