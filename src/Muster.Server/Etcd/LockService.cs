using Muster.Codecs.Etcd;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Server.Etcd.Recipes;

namespace Muster.Server.Etcd;

/// <summary>v3lockpb.Lock: a lock is the first place in the queue of its name, and ends with its lease.</summary>
internal sealed class LockService(StoreGate gate)
{
    private const string Service = "/v3lockpb.Lock/";

    public void AddTo(GrpcServer server)
    {
        server.Anywhere<LockRequest, LockResponse>(Service + "Lock", (call, request) =>
        {
            var (credentials, cancel) = (ServiceMethods.CredentialsOf(call), call.Cancel);
            return gate.AskAsync(() =>
            {
                var author = gate.Access.Identify(credentials);
                return ServiceMethods.WithoutCodeAsync(() => LockAsync(request, author, cancel));
            });
        });
        server.OnLoop<UnlockRequest, HeaderResponse>(
            gate, Service + "Unlock", (request, author) => ServiceMethods.WithoutCodeAsync(() => UnlockAsync(request, author)));
    }

    private async Task<LockResponse> LockAsync(LockRequest request, Author author, CancellationToken cancel)
    {
        var lease = await Session.LeaseAsync(gate.Store, request.Lease, author);
        var queue = new Queue(gate.Store, request.Name, author);
        var (created, _, _) = await queue.EnterAsync(lease, default);
        try
        {
            var at = await queue.WaitAsync(created, cancel);
            return new(gate.HeaderAt(at), queue.KeyOf(lease));
        }
        catch (OperationCanceledException)
        {
            await queue.LeaveAsync(queue.KeyOf(lease), created);        // nobody is left to hold it
            throw;
        }
    }

    private async Task<HeaderResponse> UnlockAsync(UnlockRequest request, Author author)
    {
        var queue = new Queue(gate.Store, request.Key, author);
        await queue.TransactAsync(Transaction.Always(new Operation.Delete(KeyRange.Single(request.Key))));
        return new(gate.Header);
    }
}
