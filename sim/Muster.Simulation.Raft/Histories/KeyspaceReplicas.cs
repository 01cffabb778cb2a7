using System.Collections.Immutable;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Raft;

namespace Muster.Simulation.Raft.Histories;

/// <summary>The real keyspace on every member, fed by what the log decides.</summary>
internal sealed class KeyspaceReplicas
{
    private static readonly KeyspaceLimits s_limits = new();
    private readonly Dictionary<MemberId, KeyspaceMachine> _machines = [];
    private readonly Dictionary<ulong, KeyspaceImage> _images = [];

    /// <summary>A member starts from a state whose digest is known, or was given a snapshot.</summary>
    public void Restored(SimulatedMember member) => _machines[member.Id] =
        _images.TryGetValue(member.Machine.Digest, out var image) ? KeyspaceMachine.Restore(image, s_limits) : new(s_limits);

    public void Taken(SimulatedMember member) => _images[member.Machine.Digest] = _machines[member.Id].Image();

    public ClientResult Apply(SimulatedMember member, ClientOperation operation, RequestId request) =>
        Answer(operation, _machines[member.Id].Apply(CommandOf(operation) with { Request = request }));

    public ClientResult Read(SimulatedMember member, ClientOperation operation) =>
        Answer(operation, _machines[member.Id].Read(TransactionOf(operation)));

    /// <summary>Equal states at equal slots.</summary>
    public ulong HashOf(SimulatedMember member) => _machines[member.Id].StateHash();

    private static ByteString Key(int key) => ByteString.From($"k{key}");

    private static ByteString Value(long value) => ByteString.From(value.ToString());

    private static Command CommandOf(ClientOperation operation) => operation switch
    {
        ClientOperation.Grant grant => new Command.GrantLease(new(grant.Lease), 60),
        ClientOperation.Revoke revoke => new Command.RevokeLease(new(revoke.Lease)),
        _ => new Command.Transact(TransactionOf(operation)),
    };

    private static Transaction TransactionOf(ClientOperation operation)
    {
        Operation Range(int key) => new Operation.Range(KeyRange.Single(Key(key)));
        return operation switch
        {
            ClientOperation.Put put => Transaction.Always(new Operation.Put(Key(put.Key), Value(put.Value), new(put.Lease))),
            ClientOperation.Delete delete => Transaction.Always(new Operation.Delete(KeyRange.Single(Key(delete.Key)))),
            ClientOperation.Get get => Transaction.Always(Range(get.Key)),
            ClientOperation.GetBoth get => Transaction.Always(Range(get.Key), Range(get.Other)),
            ClientOperation.Swap swap => Transaction.When(
                [swap.Expected == 0 ? Compare.Absent(Key(swap.Key)) : Holds(swap.Key, swap.Expected)],
                swap.Key == swap.Other ? [PutOf(swap.Key, swap.Value)] : [PutOf(swap.Key, swap.Value), PutOf(swap.Other, swap.Value)]),
            _ => throw new InvalidOperationException(),
        };
    }

    private static Compare Holds(int key, long value) =>
        new(KeyRange.Single(Key(key)), CompareTarget.Value, CompareRelation.Equal, 0, Value(value));

    private static Operation PutOf(int key, long value) => new Operation.Put(Key(key), Value(value));

    private static ClientResult Answer(ClientOperation operation, CommandResult result) => (operation, result) switch
    {
        (_, CommandResult.Refused) => new(false),
        (ClientOperation.Get, CommandResult.Transacted done) => new(true, Found(done.Result.Results[0])),
        (ClientOperation.GetBoth, CommandResult.Transacted done) => new(true, Found(done.Result.Results[0]), Found(done.Result.Results[1])),
        (ClientOperation.Swap, CommandResult.Transacted done) => new(done.Result.Succeeded),
        _ => new(true),
    };

    private static long Found(OperationResult result) =>
        ((OperationResult.Range)result).Keys is [var only] ? long.Parse(only.Value.ToString()) : 0;
}
