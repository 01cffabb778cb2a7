using System.Buffers.Binary;
using System.Security.Cryptography;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Stores;

namespace Muster.Server.Etcd;

/// <summary>etcdserverpb.Lease: keys that end with whoever keeps them alive.</summary>
internal sealed class LeaseService(StoreGate gate, ApplyNotices notices)
{
    private const string Service = "/etcdserverpb.Lease/";

    public void AddTo(GrpcServer server)
    {
        server.OnLoop<LeaseGrantRequest, LeaseGrantResponse>(gate, Service + "LeaseGrant", GrantAsync);
        server.OnLoop<LeaseRequest, HeaderResponse>(gate, Service + "LeaseRevoke", RevokeAsync);
        server.OnLoop<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse>(gate, Service + "LeaseTimeToLive", TimeToLive);
        server.OnLoop<EmptyRequest, LeaseLeasesResponse>(gate, Service + "LeaseLeases", Leases);
        server.Duplex(Service + "LeaseKeepAlive", KeepAliveAsync);
    }

    private KeyspaceMachine State => gate.Store.State;

    private async Task<LeaseGrantResponse> GrantAsync(LeaseGrantRequest request, Author author)
    {
        var lease = request.Lease == LeaseId.None ? Unused() : request.Lease;
        return await gate.Store.ProposeAsync(new Command.GrantLease(lease, request.Seconds) { Author = author }) switch
        {
            CommandResult.Granted(var granted, var seconds, var at) => new(gate.HeaderAt(at), granted, seconds, ""),
            CommandResult.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw new InvariantBrokenException("a grant is granted or refused"),
        };
    }

    private async Task<HeaderResponse> RevokeAsync(LeaseRequest request, Author author) =>
        await gate.Store.ProposeAsync(new Command.RevokeLease(request.Lease) { Author = author }) switch
        {
            CommandResult.Revoked(_, var at) => new(gate.HeaderAt(at)),
            CommandResult.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw new InvariantBrokenException("a lease is revoked or the revocation refused"),
        };

    private LeaseTimeToLiveResponse TimeToLive(LeaseTimeToLiveRequest request, Author author)
    {
        if (request.WithKeys)
            ServiceMethods.Require(State.CheckLease(author, request.Lease, Keyspace.Access.Read));
        if (State.Lease(request.Lease) is not { } lease)
            return new(gate.Header, request.Lease, -1, 0, []);
        var remaining = Math.Max(0, gate.Store.RemainingSeconds(request.Lease));
        return new(gate.Header, request.Lease, remaining, lease.Seconds, request.WithKeys ? lease.Keys : []);
    }

    /// <summary>Those that end first come first.</summary>
    private LeaseLeasesResponse Leases(EmptyRequest request, Author author)
    {
        ServiceMethods.Require(State.Auth.CheckAnybody(author));
        return new(gate.Header, [.. State.Leases().Select(lease => lease.Lease).OrderBy(gate.Store.RemainingSeconds).ThenBy(lease => lease)]);
    }

    private async Task KeepAliveAsync(GrpcServerCall call, GrpcServerStream stream)
    {
        var writer = new ProtoWriter();
        while (await stream.ReadAsync() is { } bytes)
        {
            var lease = ServiceMethods.Decode<LeaseRequest>(bytes).Lease;
            var answer = await gate.AskAsync(() => KeepAliveAsync(lease));
            answer.Write(writer.Reset());
            await stream.WriteAsync(writer.WrittenMemory);
        }
    }

    /// <summary>A lease whose time is over never comes back: its end is waited for, so that no answer contradicts it.</summary>
    private async Task<LeaseKeepAliveResponse> KeepAliveAsync(LeaseId lease)
    {
        var header = gate.Header;
        var outcome = gate.Store.Renew(lease);
        if (outcome is KeepAliveOutcome.Kept(var seconds))
            return new(header, lease, seconds);
        if (outcome is KeepAliveOutcome.Ending)
            await notices.UntilAsync(() => State.Lease(lease) is null);
        return new(header, lease, 0);
    }

    private LeaseId Unused()
    {
        Span<byte> chance = stackalloc byte[8];
        while (true)
        {
            RandomNumberGenerator.Fill(chance);
            var lease = new LeaseId(BinaryPrimitives.ReadInt64LittleEndian(chance) & long.MaxValue);
            if (lease != LeaseId.None && State.Lease(lease) is null)
                return lease;
        }
    }
}
