using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Keyspace.Tests.Oracle;
using Muster.Primitives;

namespace Muster.Etcd.Tests.Differential;

/// <summary>Random requests, with the command that each is to the model; none for what changes nothing.</summary>
internal sealed class Requests(SeededRandom random)
{
    private const long FarSeconds = 5_000_000;

    private readonly Programs _programs = new(random);

    public Request Read(long revision) => random.Next(12) switch
    {
        0 => TimeToLive(_programs.Lease()),
        1 => Leases(),
        < 4 => ReadOnly(revision),
        _ => Of("KV/Range", new RangeRequest(Known(_programs.Range(revision)))),
    };

    public (Request Request, Command Command) Write(long revision, long compacted)
    {
        if (random.Chance(0.004))
            return Spoiled(revision);
        var command = _programs.Command(revision, compacted);
        if (command is Command.Transact transact)
            command = transact with { Transaction = Known(transact.Transaction) };
        return command switch
        {
            // A lease that ended by itself would end at another revision in each.
            Command.GrantLease(var lease, var seconds) => Grant(lease.Number == 0 ? new(7) : lease, seconds > 9_000_000_000 ? seconds : FarSeconds),
            Command.RevokeLease(var lease) => (Of("Lease/LeaseRevoke", new LeaseRequest(lease)), command),
            Command.Compact(var at) => (Of("KV/Compact", new CompactionRequest(at, random.Chance(0.5))), command),
            Command.Transact({ Guards.IsEmpty: true, Then: [Operation.Put put], Else.IsEmpty: true }) => (Of("KV/Put", new PutRequest(put)), command),
            Command.Transact({ Guards.IsEmpty: true, Then: [Operation.Delete delete], Else.IsEmpty: true }) =>
                (Of("KV/DeleteRange", new DeleteRangeRequest(delete)), command),
            Command.Transact(var transaction) => (Of("KV/Txn", new TxnRequest(transaction)), command),
            _ => throw new InvalidOperationException("every command is a request"),
        };
    }

    private Request ReadOnly(long revision)
    {
        var ranges = Enumerable.Range(0, random.Next(4)).Select(_ => (Operation)Known(_programs.Range(revision))).ToArray();
        return Of("KV/Txn", new TxnRequest(new(_programs.Transaction(revision).Guards, [.. ranges], [.. ranges.Reverse()])));
    }

    /// <summary>etcd before 3.5 sorts by an order that does not exist as by none; later ones refuse it, as Muster does.</summary>
    private static Operation.Range Known(Operation.Range range) => range.Order <= SortOrder.Descending ? range : range with { Order = SortOrder.None };

    /// <summary>
    /// etcd dies of a put that keeps what its key had when the same transaction deletes the key first, which its check for duplicates
    /// overlooks in places; so none is sent that deletes and keeps.
    /// </summary>
    private static Transaction Known(Transaction transaction) => Known(transaction, Deletes(transaction));

    private static Transaction Known(Transaction transaction, bool deletes) => transaction with
    {
        Then = [.. transaction.Then.Select(operation => Known(operation, deletes))],
        Else = [.. transaction.Else.Select(operation => Known(operation, deletes))],
    };

    private static Operation Known(Operation operation, bool deletes) => operation switch
    {
        Operation.Range range => Known(range),
        Operation.Put put when deletes => put with { KeepValue = false, KeepLease = false },
        Operation.Nested(var nested) => new Operation.Nested(Known(nested, deletes)),
        _ => operation,
    };

    private static bool Deletes(Transaction transaction) => transaction.Then.Concat(transaction.Else)
        .Any(operation => operation is Operation.Delete || operation is Operation.Nested(var nested) && Deletes(nested));

    private static (Request, Command) Grant(LeaseId lease, long seconds) =>
        (Of("Lease/LeaseGrant", new LeaseGrantRequest(seconds, lease)), new Command.GrantLease(lease, seconds));

    /// <summary>An operation that names nothing, or an operand of another kind than its target: neither changes anything by itself.</summary>
    private (Request, Command) Spoiled(long revision)
    {
        var transaction = _programs.Transaction(revision) with { Then = [], Else = [] };
        byte[] tail = random.Chance(0.5) ? [0x12, 0x00] : [0x0A, 0x05, 0x1A, 0x01, 0x61, 0x28, 0x05];
        byte[] bytes = [.. Proto.Encode(new TxnRequest(transaction)), .. tail];
        return (new("/etcdserverpb.KV/Txn", bytes, $"spoiled {transaction}"), new Command.Transact(transaction));
    }

    private static Request TimeToLive(LeaseId lease) => Of("Lease/LeaseTimeToLive", new LeaseTimeToLiveRequest(lease, true)) with
    {
        Normal = bytes =>
        {
            var answer = Proto.Decode<LeaseTimeToLiveResponse>(bytes.Span);
            return $"{answer.Lease} {answer.GrantedSeconds} {answer.Seconds < 0} {string.Join(',', answer.Keys.Order().Select(key => Convert.ToHexString(key.Span)))}";
        },
    };

    private static Request Leases() => Of("Lease/LeaseLeases", default(EmptyRequest)) with
    {
        Normal = bytes => string.Join(',', Proto.Decode<LeaseLeasesResponse>(bytes.Span).Leases.Order()),
    };

    private static Request Of<T>(string method, T message)
        where T : IProtoMessage<T> => new("/etcdserverpb." + method, Proto.Encode(message), $"{method} {message}");
}
