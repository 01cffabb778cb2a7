using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Muster.Worker.Collectives;

/// <summary>Where the rank before us in the ring knocks: a TCP port and an abstract Unix name (which leaves no file).</summary>
internal sealed class RingDoor : IDisposable
{
    private readonly Socket _tcp;
    private readonly Socket _unix;

    /// <param name="family">The family in which ranks reach each other.</param>
    /// <param name="loopback">Whether all of them are on this host, so that nobody else need be let in.</param>
    public RingDoor(AddressFamily family, bool loopback)
    {
        _tcp = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        if (family == AddressFamily.InterNetworkV6)
            _tcp.DualMode = true;
        _tcp.Bind(new IPEndPoint((family == AddressFamily.InterNetworkV6, loopback) switch
        {
            (true, true) => IPAddress.IPv6Loopback,
            (true, false) => IPAddress.IPv6Any,
            (false, true) => IPAddress.Loopback,
            _ => IPAddress.Any,
        }, 0));
        _tcp.Listen(8);
        Port = ((IPEndPoint)_tcp.LocalEndPoint!).Port;

        Name = "muster-collectives-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        _unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _unix.Bind(new UnixDomainSocketEndPoint("\0" + Name));
        _unix.Listen(8);
    }

    public int Port { get; }

    public string Name { get; }

    /// <summary>Connects to the next rank and lets in the one before, each after checking generation, rank and nonce.</summary>
    public (Socket Next, Socket Previous) Open(
        CollectiveMembership membership, CollectiveTransport transport, EndPoint next, byte[] nonce, PeerWatch watch, Deadline deadline)
    {
        var nextRank = (membership.Rank + 1) % membership.WorldSize;
        var previousRank = (membership.Rank + membership.WorldSize - 1) % membership.WorldSize;
        using var calling = new Held(Knock(next, nextRank, watch));
        if (!calling.Framed!.Send(MeetingMessages.Ring(membership.Generation, membership.Rank, nonce)))
            throw watch.Lost(nextRank, "the opening of the ring");
        using var answered = new Held(LetIn(transport == CollectiveTransport.Tcp ? _tcp : _unix, membership, previousRank, nonce, watch, deadline));
        byte[]? answer;
        while ((answer = calling.Framed.Await(new Deadline(TimeSpan.FromMilliseconds(100)))) == null)
            CheckOn(nextRank, watch, deadline, calling.Framed.Broken);
        if (MeetingMessages.DecodeRefusal(answer) is { } refusal)
            throw watch.Fail(refusal.Reason, refusal.Rank, refusal.Story);
        return (calling.Release(), answered.Release());
    }

    public void Dispose()
    {
        _tcp.Dispose();
        _unix.Dispose();
    }

    private static FramedSocket Knock(EndPoint next, int nextRank, PeerWatch watch)
    {
        var socket = Dialing.Try(next, MeetingLimits.AttemptMax, out var trouble)
            ?? throw watch.Lost(nextRank, $"the opening of the ring ({next}: {trouble})");
        Tune(socket);
        return new FramedSocket(socket);
    }

    private static FramedSocket LetIn(
        Socket door, CollectiveMembership membership, int previousRank, byte[] nonce, PeerWatch watch, Deadline deadline)
    {
        while (true)
        {
            while (!door.Poll(50_000, SelectMode.SelectRead))
                CheckOn(previousRank, watch, deadline, broken: false);
            var visitor = new FramedSocket(door.Accept());
            Tune(visitor.Socket);
            var hello = MeetingMessages.DecodeRing(visitor.Await(new Deadline(TimeSpan.FromSeconds(2))));
            if (hello is { } known && known.Generation == membership.Generation
                && known.Rank == previousRank && known.Nonce.AsSpan().SequenceEqual(nonce))
            {
                visitor.Send(MeetingMessages.Go(CollectiveTransport.Auto));
                return visitor;
            }

            if (hello is { } stale && stale.Generation < membership.Generation)
                visitor.Send(MeetingMessages.Encode(new Refusal(CollectiveFailure.StaleGeneration, stale.Rank,
                    $"rank {stale.Rank} is of generation {stale.Generation}, the ring of {membership.Generation}", Retry: false)));
            visitor.Dispose();
        }
    }

    private static void CheckOn(int peer, PeerWatch watch, Deadline deadline, bool broken)
    {
        watch.ThrowIfOver();
        if (broken)
            throw watch.Lost(peer, "the opening of the ring");
        if (deadline.Passed)
            throw watch.Fail(CollectiveFailure.PeerSlow, peer, $"rank {peer} did not open its part of the ring in time");
    }

    private static void Tune(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix)
            socket.NoDelay = true;
        else
            socket.SendBufferSize = 1 << 20;   // TCP sizes its buffers itself
    }

    /// <summary>Disposes unless released.</summary>
    private sealed class Held(FramedSocket framed) : IDisposable
    {
        public FramedSocket? Framed { get; private set; } = framed;

        public Socket Release()
        {
            var socket = Framed!.Socket;
            Framed = null;
            return socket;
        }

        public void Dispose() => Framed?.Dispose();
    }
}
