using System.Text;
using Muster.Runtime;
using Muster.Simulation.Kernel;
using Muster.Simulation.Network;

namespace Muster.Simulation.Tests;

public sealed class NetworkTests
{
    private const int Seeds = 200;

    private readonly List<string> _server = [];
    private readonly List<string> _client = [];
    private ILink? _link;
    private ILink? _accepted;

    [Fact]
    public void Frames_of_a_link_arrive_in_order_and_once_whatever_the_seed()
    {
        for (var seed = 1UL; seed <= Seeds; seed++)
        {
            _server.Clear();
            var world = Pair(seed);
            world.Network.Default = new NetworkConditions { DelayMax = TimeSpan.FromSeconds(1), BreakChance = 0.01, BlackHoleChance = 0.01 };
            world.RunFor(TimeSpan.FromSeconds(2));
            for (var i = 0; i < 50; i++)
                Send(world, $"{i}");
            world.RunFor(TimeSpan.FromSeconds(10));

            var frames = _server.Where(text => !text.StartsWith("closed", StringComparison.Ordinal)).ToList();
            Assert.Equal(Enumerable.Range(0, frames.Count).Select(i => $"{i}"), frames);   // a prefix: lost only from some point on
        }
    }

    [Fact]
    public void What_is_sent_into_a_cut_waits_and_arrives_when_it_heals_soon()
    {
        var world = Pair(1);
        world.RunFor(TimeSpan.FromSeconds(1));
        world.Network.CutOneWay("c", "s");

        Send(world, "late");
        world.RunFor(TimeSpan.FromSeconds(5));
        var during = _server.Count;
        world.Network.Heal();
        world.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(0, during);
        Assert.Equal(["late"], _server);
    }

    [Fact]
    public void A_sender_gives_up_after_a_while_and_its_peer_learns_by_sending()
    {
        var world = Pair(1);
        world.RunFor(TimeSpan.FromSeconds(1));
        world.Network.Cut("c", "s");
        Send(world, "lost");
        world.RunFor(TimeSpan.FromSeconds(20));
        var serverBefore = _server.Count;
        world.Network.Heal();
        world.RunFor(TimeSpan.FromSeconds(20));
        var serverHealed = _server.Count;

        Answer(world, "anybody?");
        world.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(["closed: timed out: nothing sent is acknowledged"], _client);
        Assert.Equal((0, 0), (serverBefore, serverHealed));   // half-open: it cannot know
        Assert.Equal(["closed: reset by the peer"], _server);
    }

    [Fact]
    public void A_cut_one_way_lets_the_other_way_through()
    {
        var world = Pair(1);
        world.RunFor(TimeSpan.FromSeconds(1));
        world.Network.CutOneWay("s", "c");

        Send(world, "there");
        world.RunFor(TimeSpan.FromSeconds(1));
        Answer(world, "back");
        world.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(["there"], _server);
        Assert.Empty(_client);
    }

    [Fact]
    public void A_killed_process_closes_its_links_and_a_host_without_power_tells_nobody()
    {
        var killed = Pair(1);
        killed.RunFor(TimeSpan.FromSeconds(1));
        killed.Hosts["s"].Table.Living.Single().Kill();
        killed.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(["closed: closed by the peer"], _client);

        _client.Clear();
        var dark = Pair(1);
        dark.RunFor(TimeSpan.FromSeconds(1));
        dark.Hosts["s"].LosePower();
        dark.RunFor(TimeSpan.FromHours(1));
        Assert.Empty(_client);

        dark.Hosts["s"].PowerOn();
        Send(dark, "anybody?");
        dark.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(["closed: reset by the peer"], _client);
    }

    [Fact]
    public void Connecting_to_nobody_is_refused_and_into_a_cut_times_out()
    {
        var world = new SimulatedWorld(1);
        world.AddHost("s");
        world.AddHost("c").Start("client", async process =>
        {
            process.Transport.Connect("tcp:s:1").Start(_ => { }, reason => _client.Add($"{world.Now.TotalSeconds:0} {reason}"));
            await Task.Delay(TimeSpan.FromSeconds(10), process.Time);
            world.Network.Cut("c", "s");
            process.Transport.Connect("tcp:s:1").Start(_ => { }, reason => _client.Add(reason));
            await process.Never;
            return 0;
        });

        world.RunFor(TimeSpan.FromMinutes(2));

        Assert.Equal(["0 refused: nobody listens there", "timed out: no answer to connect"], _client);
    }

    [Fact]
    public void A_unix_socket_is_known_on_its_own_host_only_and_one_address_has_one_listener()
    {
        var world = new SimulatedWorld(1);
        foreach (var name in new[] { "a", "b" })
            world.AddHost(name).Start("server", async process =>
            {
                process.Transport.Listen("unix:/s", link => link.Start(_ => _server.Add(name), _ => { }));
                Assert.Throws<TransportException>(() => process.Transport.Listen("unix:/s", _ => { }));
                await process.Never;
                return 0;
            });
        world.Hosts["b"].Start("client", async process =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), process.Time);
            process.Transport.Connect("unix:/s").TrySend(new byte[1]);
            await process.Never;
            return 0;
        });

        world.RunFor(TimeSpan.FromSeconds(2));

        Assert.Equal(["b"], _server);
    }

    private SimulatedWorld Pair(ulong seed)
    {
        var world = new SimulatedWorld(seed);
        world.AddHost("s").Start("server", async process =>
        {
            process.Transport.Listen("tcp:s:1", link =>
            {
                _accepted = link;
                link.Start(frame => _server.Add(Encoding.ASCII.GetString(frame.Span)), reason => _server.Add($"closed: {reason}"));
            });
            await process.Never;
            return 0;
        });
        world.AddHost("c").Start("client", async process =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), process.Time);
            _link = process.Transport.Connect("tcp:s:1");
            _link.Start(frame => _client.Add(Encoding.ASCII.GetString(frame.Span)), reason => _client.Add($"closed: {reason}"));
            await process.Never;
            return 0;
        });
        return world;
    }

    private void Send(SimulatedWorld world, string text) => world.After(TimeSpan.Zero, () => _link!.TrySend(Encoding.ASCII.GetBytes(text)));

    private void Answer(SimulatedWorld world, string text) => world.After(TimeSpan.Zero, () => _accepted!.TrySend(Encoding.ASCII.GetBytes(text)));
}
