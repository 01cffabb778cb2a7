using Muster.Codecs.Etcd;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Server.Etcd.Access;
using Muster.Stores;
using Muster.Stores.Embedded;

namespace Muster.Server.Etcd;

/// <summary>The store as handlers on the thread pool see it: they ask, and the store's loop answers.</summary>
/// <param name="store">The store.</param>
/// <param name="access">Who asks.</param>
/// <param name="loop">The store's loop.</param>
// production seam: handlers run on the thread pool and leave it only to post to the loop.
internal sealed class StoreGate(EmbeddedStore store, AccessControl access, SynchronizationContext loop)
{
    /// <summary>There are no elections where there is one server.</summary>
    public const ulong Term = 1;

    /// <summary>The store; for use on its loop only.</summary>
    public EmbeddedStore Store => store;

    /// <summary>Who asks; for use on the store's loop only.</summary>
    public AccessControl Access => access;

    /// <summary>What an answer begins with, now; on the loop.</summary>
    public ResponseHeader Header => HeaderAt(store.Revision);

    /// <summary>What an answer about a revision begins with.</summary>
    public ResponseHeader HeaderAt(Revision at) => new(store.Cluster, new(store.Member), at, Term);

    /// <summary>Asks on the loop and waits for the answer.</summary>
    public Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => Run(), null);
        return answer.Task;

        async void Run()
        {
            try
            {
                answer.SetResult(await ask());
            }
            catch (Exception refused) when (refused is StoreRefusedException or StoreUnavailableException or GrpcException or OperationCanceledException)
            {
                answer.SetException(refused);       // anything else, a failed disk among it, ends the loop and the process
            }
        }
    }

    /// <summary>Does something on the loop, later; nobody waits for it.</summary>
    public void Post(Action act) => loop.Post(static state => ((Action)state!)(), act);

    /// <summary>Asks what needs no waiting.</summary>
    public Task<T> AskAsync<T>(Func<T> ask) => AskAsync(() => Task.FromResult(ask()));
}
