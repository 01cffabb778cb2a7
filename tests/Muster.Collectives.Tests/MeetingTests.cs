using System.Net;
using System.Net.Sockets;
using System.Text;
using Muster.Worker.Collectives;

namespace Muster.Collectives.Tests;

/// <summary>Who gets into a group, and who is turned away by name.</summary>
public sealed class MeetingTests
{
    private static readonly CollectiveOptions Quick = World.Options(CollectiveTransport.Auto);

    [Fact]
    public void A_rank_of_an_older_generation_is_refused_and_the_others_meet()
    {
        var port = World.FreePort();
        var host = Start(World.Member(0, 2, port, generation: 7));

        var stale = Record.Exception(() => CollectiveGroup.Connect(World.Member(1, 2, port, generation: 6), Quick));
        var guest = Start(World.Member(1, 2, port, generation: 7));

        DeathTests.AssertBlames(stale, CollectiveFailure.StaleGeneration, 1);
        Assert.Contains("generation 6", stale!.Message, StringComparison.Ordinal);
        Finish(host, guest);
    }

    [Fact]
    public void A_rank_0_of_an_older_generation_gives_way_to_the_newer_one()
    {
        var port = World.FreePort();
        var stale = Start(World.Member(0, 2, port, generation: 6));

        var guest = Start(World.Member(1, 2, port, generation: 7));
        DeathTests.AssertBlames(Outcome(stale), CollectiveFailure.StaleGeneration, 0);
        var host = Start(World.Member(0, 2, port, generation: 7));

        Finish(host, guest);
    }

    [Fact]
    public void Strangers_on_the_meeting_port_do_not_disturb()
    {
        var port = World.FreePort();
        var host = Start(World.Member(0, 3, port));
        var strangers = new List<Socket>();
        foreach (var noise in Noises())
        {
            var stranger = Dial(port);
            stranger.Send(noise);
            strangers.Add(stranger);
        }

        var guests = new[] { Start(World.Member(2, 3, port)), Start(World.Member(1, 3, port)) };

        Finish([host, .. guests]);
        strangers.ForEach(stranger => stranger.Dispose());
    }

    [Fact]
    public void A_rank_that_does_not_come_is_named_to_everybody_within_the_time_limit()
    {
        var port = World.FreePort();
        var options = Quick with { MeetingTimeout = TimeSpan.FromSeconds(1) };
        var ranks = new[] { 0, 1, 3 }.Select(rank => Start(World.Member(rank, 4, port), options)).ToArray();

        foreach (var rank in ranks)
            DeathTests.AssertBlames(Outcome(rank), CollectiveFailure.PeerSlow, 2);
    }

    [Fact]
    public void A_missing_rank_0_is_named()
    {
        var options = Quick with { MeetingTimeout = TimeSpan.FromSeconds(0.5) };

        var error = Record.Exception(() => CollectiveGroup.Connect(World.Member(1, 2, World.FreePort()), options));

        DeathTests.AssertBlames(error, CollectiveFailure.PeerSlow, 0);
        Assert.Contains("ConnectionRefused", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_world_size_job_transport_or_a_taken_rank_is_refused_by_name()
    {
        var port = World.FreePort();
        var host = Start(World.Member(0, 3, port));
        var first = Start(World.Member(1, 3, port));
        Exception? Try(CollectiveMembership member, CollectiveTransport transport = CollectiveTransport.Auto) =>
            Record.Exception(() => CollectiveGroup.Connect(member, Quick with { Transport = transport }));

        var size = Try(World.Member(2, 4, port));
        var job = Try(World.Member(2, 3, port) with { JobName = "other" });
        var transport = Try(World.Member(2, 3, port), CollectiveTransport.Tcp);
        SpinWait.SpinUntil(() => Try(World.Member(1, 4, port)) is CollectiveException { Reason: CollectiveFailure.Mismatch }, 1000);
        var last = Start(World.Member(2, 3, port));

        DeathTests.AssertBlames(size, CollectiveFailure.Mismatch, 2);
        DeathTests.AssertBlames(job, CollectiveFailure.Mismatch, 2);
        Assert.Contains("'other'", job!.Message, StringComparison.Ordinal);
        DeathTests.AssertBlames(transport, CollectiveFailure.Mismatch, 2);
        Finish(host, first, last);
    }

    [Fact]
    public void Rank_0_waits_for_a_port_that_a_predecessor_still_holds()
    {
        var port = World.FreePort();
        var predecessor = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        predecessor.Bind(new IPEndPoint(IPAddress.Loopback, port));
        predecessor.Listen();

        var host = Start(World.Member(0, 2, port));
        var guest = Start(World.Member(1, 2, port));
        using (predecessor.Accept())
        {
            predecessor.Dispose();
        }

        Finish(host, guest);
    }

    [Fact]
    public void A_message_of_an_older_generation_is_refused_at_the_ring()
    {
        using var door = new RingDoor(AddressFamily.InterNetwork, loopback: true);
        using var other = new RingDoor(AddressFamily.InterNetwork, loopback: true);
        using var watch = new PeerWatch(0, 2, 9, [], null);
        var nonce = new byte[16];
        byte[]? answer = null;
        var stale = new Thread(() =>
        {
            using var caller = new FramedSocket(Dial(door.Port));
            caller.Send(MeetingMessages.Ring(8, 1, nonce));
            answer = caller.Await(new Deadline(TimeSpan.FromSeconds(5)));
        });
        stale.Start();

        var opening = Record.Exception(() => door.Open(World.Member(0, 2, 1, generation: 9), CollectiveTransport.Tcp,
            new IPEndPoint(IPAddress.Loopback, other.Port), nonce, watch, new Deadline(TimeSpan.FromSeconds(0.5))));
        stale.Join();

        Assert.Equal(CollectiveFailure.StaleGeneration, MeetingMessages.DecodeRefusal(answer)!.Reason);
        DeathTests.AssertBlames(opening, CollectiveFailure.PeerSlow, 1);
    }

    [Theory, InlineData("SharedMemory"), InlineData("UnixSocket"), InlineData("Tcp")]
    public void Auto_and_named_transports_give_what_they_say(string transport)
    {
        var wanted = Enum.Parse<CollectiveTransport>(transport);

        World.Run(2, World.Options(wanted), group => Assert.Equal(wanted, group.Transport));
        World.Run(2, World.Options(CollectiveTransport.Auto), group => Assert.Equal(CollectiveTransport.SharedMemory, group.Transport));
    }

    private static IEnumerable<byte[]> Noises()
    {
        var random = new Muster.Primitives.SeededRandom(World.Seed);
        yield return [];
        yield return Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        yield return [.. "MUSTCOL1"u8, 255, 255, 255, 127];
        yield return [.. "MUSTCOL1"u8, 255, 255, 255, 255];
        yield return [.. "MUSTCOL1"u8, 0, 0, 0, 0];
        yield return [.. "MUSTCOL1"u8, 100, 0, 0, 0, 1];
        for (var i = 0; i < 20; i++)
        {
            var body = new byte[random.Next(200)];
            random.Fill(body);
            yield return i % 2 == 0 ? body : [.. "MUSTCOL1"u8, (byte)(body.Length + 1), 0, 0, 0, 1, .. body];
        }
    }

    private static Socket Dial(int port)
    {
        while (true)
        {
            if (Dialing.Try(new IPEndPoint(IPAddress.Loopback, port), TimeSpan.FromSeconds(5), out _) is { } socket)
                return socket;
            Thread.Yield();   // rank 0 is still on its way
        }
    }

    private static Task<CollectiveGroup> Start(CollectiveMembership member, CollectiveOptions? options = null) =>
        Task.Factory.StartNew(() => CollectiveGroup.Connect(member, options ?? Quick), TaskCreationOptions.LongRunning);

    private static Exception? Outcome(Task<CollectiveGroup> rank) => Record.Exception(() => rank.GetAwaiter().GetResult().Dispose());

    private static void Finish(params Task<CollectiveGroup>[] ranks)
    {
        var threads = ranks.Select(rank => Task.Factory.StartNew(() =>
        {
            using var group = rank.GetAwaiter().GetResult();
            var data = new[] { 1f };
            group.AllReduce(data, ReduceOperation.Sum);
            Assert.Equal(ranks.Length, data[0]);
        }, TaskCreationOptions.LongRunning)).ToArray();
        Task.WaitAll(threads);
    }
}
