using System.Net;
using System.Net.Sockets;

namespace Muster.Worker.Collectives;

/// <summary>Every rank but 0: looks for rank 0 until it answers, and does what it says.</summary>
internal sealed class MeetingGuest(CollectiveMembership membership, CollectiveOptions options) : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);   // rank 0's verdict names the rank that is missing

    private readonly Deadline _deadline = new(options.MeetingTimeout);
    private readonly Deadline _hearing = new(options.MeetingTimeout + Grace);
    private FramedSocket? _host;
    private RingDoor? _door;
    private SharedRegion? _region;
    private bool _over;
    private string _trouble = "never tried";

    public Gathering Attend()
    {
        var pause = MeetingLimits.RetryMin;
        while (true)
        {
            if (Introduce() && _host!.Await(_hearing) is { } answer)
            {
                if (MeetingMessages.DecodeInvitation(answer) is { } invitation)
                    return Accept(invitation);
                if (MeetingMessages.DecodeRefusal(answer) is { Retry: false } refusal)
                    throw new CollectiveException(refusal.Reason, refusal.Rank, refusal.Story);
                _trouble = "a rank 0 of an older generation answers";
            }
            else if (_host is { Broken: true })
            {
                _trouble = "it closed the connection without an answer";
            }

            Forget();
            if (_deadline.Passed)
                throw new CollectiveException(CollectiveFailure.PeerSlow, 0,
                    $"rank 0 did not hold a meeting of generation {membership.Generation} at {membership.MasterAddress}:"
                    + $"{membership.MasterPort} within {options.MeetingTimeout.TotalSeconds:0.###} s (last: {_trouble})");
            Thread.Sleep(pause);
            pause = pause * 2 < MeetingLimits.RetryMax ? pause * 2 : MeetingLimits.RetryMax;
        }
    }

    public void Dispose()
    {
        if (_over)
            return;   // everything belongs to the gathering
        Forget();
        _region?.Dispose();
    }

    private void Forget()
    {
        _host?.Dispose();
        _door?.Dispose();
        (_host, _door) = (null, null);
    }

    private bool Introduce()
    {
        var addresses = Dialing.Resolve(membership.MasterAddress);
        if (addresses.Length == 0)
            _trouble = "the name cannot be resolved";
        foreach (var address in addresses)
        {
            var milliseconds = _deadline.Milliseconds((int)MeetingLimits.AttemptMax.TotalMilliseconds);
            var limit = TimeSpan.FromMilliseconds(Math.Max(100, milliseconds));   // less would not even hear a refusal
            if (Dialing.Try(new IPEndPoint(address, membership.MasterPort), limit, out _trouble) is not { } socket)
                continue;
            socket.NoDelay = true;
            _host = new FramedSocket(socket);
            _door = new RingDoor(address.AddressFamily, addresses.All(IPAddress.IsLoopback));
            return _host.Send(MeetingMessages.Encode(new Hello(
                membership.Generation, membership.Rank, membership.WorldSize, membership.JobName, options.Transport,
                HostIdentity.MemoryDomain, HostIdentity.SocketDomain, _door.Port, _door.Name)));
        }

        return false;
    }

    private Gathering Accept(Invitation invitation)
    {
        var trouble = invitation.RegionPath.Length == 0 ? "" : Map(invitation);
        _host!.Send(MeetingMessages.Ready(trouble));
        var answer = _host.Await(_hearing);
        if (MeetingMessages.DecodeRefusal(answer) is { } refusal)
            throw new CollectiveException(refusal.Reason, refusal.Rank, refusal.Story);
        if (MeetingMessages.DecodeGo(answer) is not { } transport)
            throw new CollectiveException(_host.Broken ? CollectiveFailure.PeerDied : CollectiveFailure.PeerSlow, 0,
                $"rank 0 {(_host.Broken ? "died during" : "did not finish")} the meeting of generation {membership.Generation}");
        if (transport != CollectiveTransport.SharedMemory)
        {
            _region?.Dispose();
            _region = null;
        }

        _over = true;
        return new Gathering([new ControlLink(_host.Socket, 0)], transport, invitation.Nonce, invitation.ChunkBytes,
            invitation.SmallBytesMax, _region, Next(invitation, transport), _door!);
    }

    private string Map(Invitation invitation)
    {
        try
        {
            var slotBytes = SharedMemoryFabric.SlotBytes(membership.WorldSize, invitation.ChunkBytes);
            _region = SharedRegion.Open(invitation.RegionPath, SharedLayout.Length(membership.WorldSize, slotBytes));
            if (!SharedMemoryFabric.Bears(_region, invitation.Nonce))
                return "found another group's memory at the path of the shared region";
            _region.Seal();
            return "";
        }
        catch (IOException error)
        {
            return error.Message;
        }
    }

    private EndPoint Next(Invitation invitation, CollectiveTransport transport)
    {
        if (transport == CollectiveTransport.UnixSocket)
            return new UnixDomainSocketEndPoint("\0" + invitation.NextName);
        var address = invitation.NextAddress.Length > 0
            ? IPAddress.Parse(invitation.NextAddress)
            : ((IPEndPoint)_host!.Socket.RemoteEndPoint!).Address;
        return new IPEndPoint(address, invitation.NextPort);
    }
}
