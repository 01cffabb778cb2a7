using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Muster.Worker.Collectives;

/// <summary>Rank 0: listens until every rank of this generation is there, then tells all of them how they work together.</summary>
internal sealed class MeetingHost(CollectiveMembership membership, CollectiveOptions options) : IDisposable
{
    private readonly FramedSocket?[] _seats = new FramedSocket?[membership.WorldSize];
    private readonly Hello?[] _hellos = new Hello?[membership.WorldSize];
    private readonly List<(FramedSocket Socket, Deadline Patience)> _strangers = [];
    private readonly Deadline _deadline = new(options.MeetingTimeout);
    private SharedRegion? _region;
    private RingDoor? _door;
    private bool _over;

    public Gathering Hold()
    {
        try
        {
            using (var listener = Listen())
            {
                while (_seats.Count(seat => seat != null) < membership.WorldSize - 1)
                    Serve(listener);
            }

            return Conclude();
        }
        catch (CollectiveException failure)
        {
            foreach (var seat in _seats)
                seat?.Send(MeetingMessages.Encode(new Refusal(failure.Reason, failure.Rank, failure.Message, Retry: false)));
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var (socket, _) in _strangers)
            socket.Dispose();
        if (_over)
            return;   // the rest belongs to the gathering
        foreach (var seat in _seats)
            seat?.Dispose();
        _region?.Dispose();
        _door?.Dispose();
    }

    /// <summary>Binds, again and again for a while: a predecessor's socket may linger.</summary>
    private Socket Listen()
    {
        var known = Dialing.Resolve(membership.MasterAddress);
        var loopback = known.Length > 0 && known.All(IPAddress.IsLoopback);
        var address = loopback
            ? known.FirstOrDefault(one => one.AddressFamily == AddressFamily.InterNetwork) ?? known[0]
            : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        _door = new RingDoor(address.AddressFamily, loopback);
        while (true)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (address.AddressFamily == AddressFamily.InterNetworkV6)
                    socket.DualMode = true;
                // SO_REUSEADDR alone: .NET's ReuseAddress would also share the port with a living predecessor.
                Span<byte> on = [1, 0, 0, 0];
                socket.SetRawSocketOption(1, 2, on);
                socket.Bind(new IPEndPoint(address, membership.MasterPort));
                socket.Listen(1024);
                return socket;
            }
            catch (SocketException error) when (!_deadline.Passed)
            {
                socket.Dispose();
                if (error.SocketErrorCode is not (SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable))
                    throw Unusable(error);
                Thread.Sleep(MeetingLimits.RetryMax);
            }
            catch (SocketException error)
            {
                socket.Dispose();
                throw Unusable(error);
            }
        }
    }

    private CollectiveException Unusable(SocketException error) => new(CollectiveFailure.TransportUnavailable, 0,
        $"rank 0 cannot listen on port {membership.MasterPort} ({error.SocketErrorCode}); choose another MASTER_PORT or end what holds it");

    /// <summary>One look at the door, at the strangers and at those seated.</summary>
    private void Serve(Socket listener)
    {
        if (_deadline.Passed)
            throw new CollectiveException(CollectiveFailure.PeerSlow, Missing()[0],
                $"rank {string.Join(", ", Missing())} of generation {membership.Generation} did not come to the meeting at "
                + $"{membership.MasterAddress}:{membership.MasterPort} within {options.MeetingTimeout.TotalSeconds:0.###} s");
        List<Socket> ready = [listener, .. _strangers.Select(one => one.Socket.Socket), .. _seats.OfType<FramedSocket>().Select(one => one.Socket)];
        Socket.Select(ready, null, null, _deadline.Milliseconds(100) * 1000);
        if (ready.Contains(listener))
            Accept(listener);
        foreach (var stranger in _strangers.ToArray())
            Meet(stranger);
        for (var rank = 0; rank < _seats.Length; rank++)
        {
            if (_seats[rank] is not { } seat || !ready.Contains(seat.Socket) || (seat.Read() == null && !seat.Broken))
                continue;
            seat.Dispose();   // gone, or talking out of turn: the seat is free for another attempt
            _seats[rank] = null;
        }
    }

    private void Accept(Socket listener)
    {
        try
        {
            var socket = listener.Accept();
            socket.NoDelay = true;
            _strangers.Add((new FramedSocket(socket), new Deadline(MeetingLimits.IntroductionMax)));
        }
        catch (SocketException)
        {
            return;   // gone before we looked
        }

        if (_strangers.Count > MeetingLimits.StrangersMax)
            Leave(_strangers[0]);
    }

    private void Leave((FramedSocket Socket, Deadline) stranger)
    {
        stranger.Socket.Dispose();
        _strangers.Remove(stranger);
    }

    private void Meet((FramedSocket Socket, Deadline Patience) stranger)
    {
        var frame = stranger.Socket.Read();
        if (frame == null)
        {
            if (stranger.Socket.Broken || stranger.Patience.Passed)
                Leave(stranger);
            return;
        }

        if (MeetingMessages.DecodeHello(frame) is not { } hello)
        {
            Leave(stranger);
            return;
        }

        if (Judge(hello) is { } refusal)
        {
            stranger.Socket.Send(MeetingMessages.Encode(refusal));
            Leave(stranger);
            if (refusal.Retry)
                throw new CollectiveException(CollectiveFailure.StaleGeneration, 0,
                    $"rank {hello.Rank} came with generation {hello.Generation}: generation {membership.Generation}, which this rank 0 "
                    + "is gathering, is over; end this process");
            return;
        }

        _strangers.Remove(stranger);
        _seats[hello.Rank] = stranger.Socket;
        _hellos[hello.Rank] = hello;
    }

    private Refusal? Judge(Hello hello)
    {
        if (hello.Job != membership.JobName)
            return new Refusal(CollectiveFailure.Mismatch, hello.Rank,
                $"this is the meeting of job '{membership.JobName}', not of '{hello.Job}'", Retry: false);
        if (hello.Generation < membership.Generation)
            return new Refusal(CollectiveFailure.StaleGeneration, hello.Rank,
                $"rank {hello.Rank} belongs to generation {hello.Generation}, which is over: generation {membership.Generation} "
                + "is being formed; end this process", Retry: false);
        if (hello.Generation > membership.Generation)
            return new Refusal(CollectiveFailure.StaleGeneration, 0, "this rank 0 is older", Retry: true);
        if (hello.WorldSize != membership.WorldSize || hello.Rank <= 0 || hello.Rank >= membership.WorldSize)
            return new Refusal(CollectiveFailure.Mismatch, hello.Rank,
                $"rank {hello.Rank} believes in a world of {hello.WorldSize}, rank 0 in one of {membership.WorldSize}", Retry: false);
        if (hello.Wish != CollectiveTransport.Auto && hello.Wish != options.Transport)
            return new Refusal(CollectiveFailure.Mismatch, hello.Rank,
                $"rank {hello.Rank} insists on {hello.Wish}, rank 0 on {options.Transport}: set the same, or Auto", Retry: false);
        return _seats[hello.Rank] is not null
            ? new Refusal(CollectiveFailure.Mismatch, hello.Rank, $"another process is rank {hello.Rank} already", Retry: false)
            : null;
    }

    private Gathering Conclude()
    {
        var nonce = RandomNumberGenerator.GetBytes(16);
        var transport = Agree(nonce);
        var length = SharedMemoryFabric.SlotBytes(membership.WorldSize, options.ChunkBytes);
        Invitation For(int rank)
        {
            var next = (rank + 1) % membership.WorldSize;
            return new Invitation(nonce, transport, options.ChunkBytes, options.SmallMessageBytesMax, _region?.Path ?? "",
                AddressOf(next), next == 0 ? _door!.Port : _hellos[next]!.RingPort, next == 0 ? _door!.Name : _hellos[next]!.RingName);
        }

        for (var rank = 1; rank < membership.WorldSize; rank++)
            Say(rank, MeetingMessages.Encode(For(rank)));
        var trouble = "";
        for (var rank = 1; rank < membership.WorldSize; rank++)
        {
            var answer = Hear(rank);
            if (answer.Length > 0 && options.Transport == CollectiveTransport.SharedMemory)
                throw new CollectiveException(CollectiveFailure.TransportUnavailable, rank, $"rank {rank} {answer}");
            trouble += answer;
        }

        if (trouble.Length > 0)
            transport = Sockets();   // a sandbox keeps somebody from mapping: slower, still right
        for (var rank = 1; rank < membership.WorldSize; rank++)
            Say(rank, MeetingMessages.Go(transport));
        if (transport != CollectiveTransport.SharedMemory)
        {
            _region?.Dispose();
            _region = null;
        }

        _region?.Seal();
        _over = true;
        var links = _seats.Skip(1).Select((seat, index) => new ControlLink(seat!.Socket, index + 1)).ToArray();
        return new Gathering(links, transport, nonce, options.ChunkBytes, options.SmallMessageBytesMax, _region, Next(transport), _door!);
    }

    private EndPoint Next(CollectiveTransport transport) => transport == CollectiveTransport.UnixSocket
        ? new UnixDomainSocketEndPoint("\0" + _hellos[1]!.RingName)
        : new IPEndPoint(Plain(_seats[1]!), _hellos[1]!.RingPort);

    private static IPAddress Plain(FramedSocket seat)
    {
        var address = ((IPEndPoint)seat.Socket.RemoteEndPoint!).Address;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>Empty for ranks that share rank 0's host: reached as rank 0 is.</summary>
    private string AddressOf(int rank) =>
        rank == 0 || IPAddress.IsLoopback(Plain(_seats[rank]!)) ? "" : Plain(_seats[rank]!).ToString();

    /// <summary>The transport for everybody; makes the shared region if it is to be used.</summary>
    private CollectiveTransport Agree(byte[] nonce)
    {
        var elsewhere = _hellos.Skip(1).FirstOrDefault(hello => hello!.MemoryDomain != HostIdentity.MemoryDomain);
        var strict = options.Transport == CollectiveTransport.SharedMemory;
        if (options.Transport is CollectiveTransport.Tcp or CollectiveTransport.UnixSocket)
        {
            var far = _hellos.Skip(1).FirstOrDefault(hello => hello!.SocketDomain != HostIdentity.SocketDomain);
            return options.Transport == CollectiveTransport.Tcp || far == null
                ? options.Transport
                : throw new CollectiveException(CollectiveFailure.TransportUnavailable, far.Rank,
                    $"rank {far.Rank} is on another host or in another network namespace than rank 0: no Unix sockets between them");
        }

        if (elsewhere != null || membership.WorldSize > CollectiveOptions.SharedMemoryWorldSizeMax)
            return strict
                ? throw new CollectiveException(CollectiveFailure.TransportUnavailable, elsewhere?.Rank ?? 0, elsewhere == null
                    ? $"shared memory serves at most {CollectiveOptions.SharedMemoryWorldSizeMax} ranks"
                    : $"rank {elsewhere.Rank} is on another host or in another namespace than rank 0: no shared memory between them")
                : Sockets();
        try
        {
            var slotBytes = SharedMemoryFabric.SlotBytes(membership.WorldSize, options.ChunkBytes);
            _region = SharedRegion.Create(SharedLayout.Length(membership.WorldSize, slotBytes));
            SharedMemoryFabric.Sign(_region, nonce);
            return CollectiveTransport.SharedMemory;
        }
        catch (IOException error)
        {
            return strict ? throw new CollectiveException(CollectiveFailure.TransportUnavailable, 0, error.Message) : Sockets();
        }
    }

    private CollectiveTransport Sockets() => _hellos.Skip(1).All(hello => hello!.SocketDomain == HostIdentity.SocketDomain)
        ? CollectiveTransport.UnixSocket
        : CollectiveTransport.Tcp;

    private void Say(int rank, byte[] frame)
    {
        if (!_seats[rank]!.Send(frame))
            throw new CollectiveException(CollectiveFailure.PeerDied, rank, $"rank {rank} died during the meeting");
    }

    private string Hear(int rank) => MeetingMessages.DecodeReady(_seats[rank]!.Await(_deadline))
        ?? throw new CollectiveException(
            _seats[rank]!.Broken ? CollectiveFailure.PeerDied : CollectiveFailure.PeerSlow, rank,
            $"rank {rank} {(_seats[rank]!.Broken ? "died during" : "did not finish")} the meeting");

    private int[] Missing() => [.. Enumerable.Range(1, membership.WorldSize - 1).Where(rank => _seats[rank] == null)];
}
