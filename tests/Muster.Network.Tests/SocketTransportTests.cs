using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Network.Tests;

public sealed class SocketTransportTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly string _folder = Directory.CreateTempSubdirectory("muster-network").FullName;

    private string Address => $"unix:{_folder}/s";

    public void Dispose() => Directory.Delete(_folder, true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_arrive_whole_and_in_order_both_ways(bool tcp)
    {
        const int count = 2_000;
        var address = tcp ? $"tcp:127.0.0.1:{FreePort()}" : Address;
        var transport = new SocketTransport();
        var random = new SeededRandom(Seed.Base);
        var frames = Enumerable.Range(0, count).Select(i => Bytes(random, i % 100 == 0 ? random.Next(300_000) : random.Next(200))).ToList();

        using var server = Recorder.Listen(transport, address);
        using var client = new Recorder(transport.Connect(address));
        foreach (var frame in frames)
            Assert.True(client.Link.TrySend(frame));
        var accepted = server.Take();
        foreach (var frame in frames)
            Assert.True(accepted.Link.TrySend(frame));

        Assert.All(frames, frame => Assert.Equal(frame, accepted.Next()));
        Assert.All(frames, frame => Assert.Equal(frame, client.Next()));
    }

    [Fact]
    public void A_link_whose_peer_goes_away_closes()
    {
        var transport = new SocketTransport();
        using var server = Recorder.Listen(transport, Address);
        using var client = new Recorder(transport.Connect(Address));
        client.Link.TrySend(new byte[] { 1 });
        var accepted = server.Take();
        accepted.Next();

        accepted.Link.Dispose();

        Assert.Equal("closed by the peer", client.Closed());
        Assert.Equal("closed here", accepted.Closed());
        Assert.False(client.Link.TrySend(new byte[] { 2 }));
    }

    [Fact]
    public void A_link_to_nobody_closes_with_a_reason()
    {
        using var client = new Recorder(new SocketTransport().Connect(Address));

        var reason = client.Closed();

        Assert.Contains("refused", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_over_the_limit_is_refused_by_name_at_both_ends()
    {
        var small = new SocketTransport(new LinkLimits { FrameBytesMax = 100 });
        var large = new SocketTransport();
        using var server = Recorder.Listen(small, Address);
        using var client = new Recorder(large.Connect(Address));

        client.Link.TrySend(new byte[101]);

        Assert.Contains("FrameBytesMax 100", server.Take().Closed(), StringComparison.Ordinal);
        using var own = new Recorder(small.Connect(Address));
        Assert.Throws<ArgumentException>(() => own.Link.TrySend(new byte[101]));
    }

    [Fact]
    public void A_peer_that_does_not_read_costs_the_link_and_not_the_memory()
    {
        var limits = new LinkLimits { QueuedFramesMax = 8 };
        var transport = new SocketTransport(limits);
        var unread = new List<ILink>();
        using var silent = transport.Listen(Address, unread.Add);   // never started, so never read
        using var client = new Recorder(transport.Connect(Address));
        var frame = new byte[1 << 20];

        var sent = 0;
        while (client.Link.TrySend(frame))
            sent++;

        Assert.InRange(sent, 8, 64);
        GC.KeepAlive(unread);
        Assert.Contains("send queue full", client.Closed(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_length_that_lies_takes_no_memory_and_a_cut_frame_is_told()
    {
        using var server = Recorder.Listen(new SocketTransport(), Address);
        using (var raw = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            raw.Connect(new UnixDomainSocketEndPoint(Address[5..]));
            var head = new byte[6];
            BinaryPrimitives.WriteInt32LittleEndian(head, 64 << 20);
            raw.Send(head);
        }

        Assert.Equal("closed by the peer inside a frame", server.Take().Closed());
    }

    [Fact]
    public void A_socket_file_is_private_and_a_stale_one_is_replaced_but_not_a_living_one()
    {
        var transport = new SocketTransport();
        var file = Address[5..];
        LeaveStaleSocket(file);

        using var first = transport.Listen(Address, _ => { });
        var second = Record.Exception(() => transport.Listen(Address, _ => { }));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Contains("living process", Assert.IsType<TransportException>(second).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_longer_than_the_kernel_takes_works()
    {
        var deep = Path.Combine(_folder, new string('d', 90), new string('e', 90));
        Directory.CreateDirectory(deep);
        var transport = new SocketTransport();

        using var server = Recorder.Listen(transport, $"unix:{deep}/socket");
        using var client = new Recorder(transport.Connect($"unix:{deep}/socket"));
        client.Link.TrySend(new byte[] { 7 });

        Assert.Equal([7], server.Take().Next());
    }

    [Theory]
    [InlineData("tcp:192.0.2.1:80")]
    [InlineData("http://localhost")]
    [InlineData("unix:")]
    public void An_address_that_is_not_ours_is_refused_by_name(string address)
    {
        var failure = Assert.Throws<TransportException>(() => new SocketTransport().Listen(address, _ => { }));

        Assert.Contains(address, failure.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(SeededRandom random, int length)
    {
        var bytes = new byte[length];
        random.Fill(bytes);
        return bytes;
    }

    internal static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static void LeaveStaleSocket(string file)
    {
        // As a killed process leaves it: bound, then renamed so that closing does not find it, then back.
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(file + "~"));
            File.Move(file + "~", file);
        }
    }

    private sealed class Recorder : IDisposable
    {
        private readonly BlockingCollection<byte[]> _frames = [];
        private readonly TaskCompletionSource<string> _closed = new();

        public Recorder(ILink link)
        {
            Link = link;
            link.Start(frame => _frames.Add(frame.ToArray()), _closed.SetResult);
        }

        public ILink Link { get; }

        public static Acceptor Listen(ITransport transport, string address) => new(transport, address);

        public byte[] Next() => _frames.TryTake(out var frame, Patience) ? frame : throw new TimeoutException("no frame");

        public string Closed() => _closed.Task.Wait(Patience) ? _closed.Task.Result : throw new TimeoutException("not closed");

        public void Dispose()
        {
            Link.Dispose();
            Closed();
            _frames.Dispose();
        }
    }

    private sealed class Acceptor : IDisposable
    {
        private readonly BlockingCollection<Recorder> _accepted = [];
        private readonly IDisposable _listener;

        public Acceptor(ITransport transport, string address) =>
            _listener = transport.Listen(address, link => _accepted.Add(new Recorder(link)));

        public Recorder Take() => _accepted.TryTake(out var link, Patience) ? link : throw new TimeoutException("no link");

        public void Dispose()
        {
            _listener.Dispose();
            _accepted.Dispose();
        }
    }
}

internal static class Seed
{
    public static ulong Base => ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;
}
