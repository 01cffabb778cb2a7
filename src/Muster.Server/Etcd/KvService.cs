using Muster.Codecs.Etcd;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Stores;

namespace Muster.Server.Etcd;

/// <summary>etcdserverpb.KV: keys read, written, deleted, compared, and their history forgotten.</summary>
internal sealed class KvService(StoreGate gate)
{
    private const string Service = "/etcdserverpb.KV/";

    public void AddTo(GrpcServer server)
    {
        server.OnLoop<RangeRequest, RangeResponse>(gate, Service + "Range", Range);
        server.OnLoop<PutRequest, PutResponse>(gate, Service + "Put", PutAsync);
        server.OnLoop<DeleteRangeRequest, DeleteRangeResponse>(gate, Service + "DeleteRange", DeleteAsync);
        server.OnLoop<TxnRequest, TxnResponse>(gate, Service + "Txn", TransactAsync);
        server.OnLoop<CompactionRequest, HeaderResponse>(gate, Service + "Compact", CompactAsync);
    }

    private KeyspaceMachine State => gate.Store.State;

    private RangeResponse Range(RangeRequest request, Author author)
    {
        ServiceMethods.Require(TransactionRules.Check(request.Range));
        ServiceMethods.Require(State.Auth.Check(author, request.Range.Keys, Keyspace.Access.Read));
        return State.Read(request.Range) switch
        {
            // What is applied is durable, and what was acknowledged is applied: reading here and now is linearizable.
            ReadOutcome.Found(var found) => new(gate.HeaderAt(found.At), found),
            ReadOutcome.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw new InvariantBrokenException("a read finds or is refused"),
        };
    }

    private async Task<PutResponse> PutAsync(PutRequest request, Author author)
    {
        var result = await ApplyAsync(Transaction.Always(request.Put), author);
        return result.Results is [OperationResult.Put put] ? new(gate.HeaderAt(result.At), put) : throw Mismatch();
    }

    private async Task<DeleteRangeResponse> DeleteAsync(DeleteRangeRequest request, Author author)
    {
        var result = await ApplyAsync(Transaction.Always(request.Delete), author);
        return result.Results is [OperationResult.Delete delete] ? new(gate.HeaderAt(result.At), delete) : throw Mismatch();
    }

    private async Task<TxnResponse> TransactAsync(TxnRequest request, Author author)
    {
        if (request.IsOversized)
            throw new StoreRefusedException(StoreRefusal.TooManyOperations);
        if (request.HasEmptyOperation)
            ServiceMethods.Require(EmptyOperation(request.Transaction));
        var result = TransactionRules.IsReadOnly(request.Transaction)
            ? Read(request.Transaction, author)
            : await ApplyAsync(request.Transaction, author);
        return new(gate.HeaderAt(result.At), result);
    }

    private async Task<HeaderResponse> CompactAsync(CompactionRequest request, Author author) =>
        await gate.Store.ProposeAsync(new Command.Compact(request.At) { Author = author }) switch
        {
            CommandResult.Compacted(var at) => new(gate.HeaderAt(at)),
            CommandResult.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw Mismatch(),
        };

    private TransactionResult Read(Transaction transaction, Author author)
    {
        ServiceMethods.Require(TransactionRules.Check(transaction, gate.Store.Limits));
        ServiceMethods.Require(State.Check(author, transaction));
        return Result(State.Read(transaction));
    }

    /// <summary>What cannot be done whatever the state never enters the log.</summary>
    private async Task<TransactionResult> ApplyAsync(Transaction transaction, Author author)
    {
        ServiceMethods.Require(TransactionRules.Check(transaction, gate.Store.Limits));
        return Result(await gate.Store.ProposeAsync(new Command.Transact(transaction) { Author = author }));
    }

    private static TransactionResult Result(CommandResult result) => result switch
    {
        CommandResult.Transacted(var transacted) => transacted,
        CommandResult.Refused(var refusal) => throw new StoreRefusedException(refusal),
        _ => throw Mismatch(),
    };

    /// <summary>An operation that names nothing stands as a put without key: which rule it breaks, or one before it, in etcd's words.</summary>
    private StoreRefusal EmptyOperation(Transaction transaction) =>
        TransactionRules.Check(transaction, gate.Store.Limits) is { } earlier and not StoreRefusal.KeyMissing ? earlier : StoreRefusal.KeyNotFound;

    private static InvariantBrokenException Mismatch() => new("a command is answered by its own kind of result");
}
