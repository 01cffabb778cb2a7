using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Server.Etcd.Recipes;

namespace Muster.Server.Etcd;

/// <summary>v3electionpb.Election: the leader is the first place in the queue of the election's name, and its value is what it proclaims.</summary>
internal sealed class ElectionService(StoreGate gate)
{
    private const string Service = "/v3electionpb.Election/";

    public void AddTo(GrpcServer server)
    {
        server.Anywhere<CampaignRequest, CampaignResponse>(Service + "Campaign", (call, request) =>
        {
            var (credentials, cancel) = (ServiceMethods.CredentialsOf(call), call.Cancel);
            return gate.AskAsync(() =>
            {
                var author = gate.Access.Identify(credentials);
                return ServiceMethods.WithoutCodeAsync(() => CampaignAsync(request, author, cancel));
            });
        });
        server.OnLoop<ProclaimRequest, HeaderResponse>(
            gate, Service + "Proclaim", (request, author) => ServiceMethods.WithoutCodeAsync(() => ProclaimAsync(request, author)));
        server.OnLoop<ResignRequest, HeaderResponse>(
            gate, Service + "Resign", (request, author) => ServiceMethods.WithoutCodeAsync(() => ResignAsync(request, author)));
        server.OnLoop<LeaderRequest, LeaderResponse>(
            gate, Service + "Leader", (request, author) => ServiceMethods.WithoutCodeAsync(() => Task.FromResult(Leader(request, author))));
        server.Duplex(Service + "Observe", (call, stream) => ServiceMethods.TranslatedAsync(() => ObserveAsync(call, stream)));
    }

    private async Task<CampaignResponse> CampaignAsync(CampaignRequest request, Author author, CancellationToken cancel)
    {
        var lease = await Session.LeaseAsync(gate.Store, request.Lease, author);
        var queue = new Queue(gate.Store, request.Name, author);
        var (created, before, at) = await queue.EnterAsync(lease, request.Value);
        var place = new LeaderKey(request.Name, queue.KeyOf(lease), created, lease);
        if (before is not null && before.Value != request.Value)
            await ProclaimAsync(new(place, request.Value), author);
        try
        {
            await queue.WaitAsync(created, cancel);
            return new(gate.HeaderAt(at), place);
        }
        catch (OperationCanceledException)
        {
            await queue.LeaveAsync(place.Key, created);
            throw;
        }
    }

    private async Task<HeaderResponse> ProclaimAsync(ProclaimRequest request, Author author)
    {
        var place = Required(request.Leader);
        var result = await new Queue(gate.Store, place.Name, author).TransactAsync(Transaction.When(
            [Compare.CreatedAt(place.Key, place.Created)], new Operation.Put(place.Key, request.Value, place.Lease)));
        return result.Succeeded
            ? new(gate.HeaderAt(result.At))
            : throw new GrpcException(GrpcCode.Unknown, "election: not leader");
    }

    private async Task<HeaderResponse> ResignAsync(ResignRequest request, Author author)
    {
        var place = Required(request.Leader);
        var result = await new Queue(gate.Store, place.Name, author).LeaveAsync(place.Key, place.Created);
        return new(gate.HeaderAt(result.At));
    }

    private LeaderResponse Leader(LeaderRequest request, Author author) => new Queue(gate.Store, request.Name, author).First() switch
    {
        ({ } first, var at) => new(gate.HeaderAt(at), first),
        _ => throw new GrpcException(GrpcCode.Unknown, "election: no leader"),
    };

    /// <summary>Each leader with each of its proclamations, from the present one on, until the caller has enough.</summary>
    private async Task<bool> ObserveAsync(GrpcServerCall call, GrpcServerStream stream)
    {
        if (await stream.ReadAsync() is not { } bytes)
            throw new GrpcException(GrpcCode.Internal, "grpc: the call ends without a request");
        var request = ServiceMethods.Decode<LeaderRequest>(bytes);
        var credentials = ServiceMethods.CredentialsOf(call);
        var writer = new ProtoWriter();
        await using var terms = new LeaderTerms(gate, request.Name);
        await gate.AskAsync(() =>
        {
            terms.Begin(gate.Access.Identify(credentials));
            return true;
        });
        while (await terms.NextAsync(call.Cancel) is var (header, key))
        {
            new LeaderResponse(header, key).Write(writer.Reset());
            await stream.WriteAsync(writer.WrittenMemory);
        }

        return true;
    }

    private static LeaderKey Required(LeaderKey? leader) =>
        leader ?? throw new GrpcException(GrpcCode.Unknown, "\"leader\" field must be provided");
}
