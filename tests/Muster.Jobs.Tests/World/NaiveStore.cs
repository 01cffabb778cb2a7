using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Jobs.Tests.World;

/// <summary>etcd's model, so simple that it is obviously right: it shares nothing with the real store but the vocabulary.</summary>
internal sealed class NaiveStore
{
    private readonly SortedDictionary<ByteString, KeyValue> _keys = [];

    public Revision At { get; private set; } = new(1);

    public ImmutableArray<KeyValue> Keys => [.. _keys.Values];

    public KeyValue? this[ByteString key] => _keys.GetValueOrDefault(key);

    public TransactionResult Apply(Transaction transaction)
    {
        var holds = transaction.Guards.All(Holds);
        var operations = holds ? transaction.Then : transaction.Else;
        var written = operations.OfType<Operation.Put>().Select(put => put.Key).ToList();
        Assert.Equal(written.Count, written.Distinct().Count());
        foreach (var deletion in operations.OfType<Operation.Delete>())
            Assert.DoesNotContain(written, key => deletion.Keys.Contains(key));
        if (operations.Any(operation => operation is Operation.Put or Operation.Delete))
            At = At.Next();
        foreach (var operation in operations)
            Apply(operation);
        return new(holds, [], At);
    }

    private void Apply(Operation operation)
    {
        switch (operation)
        {
            case Operation.Put put:
                var before = _keys.GetValueOrDefault(put.Key);
                _keys[put.Key] = new(put.Key, put.Value, before?.Created ?? At, At, new((before?.Version.Number ?? 0) + 1), put.Lease);
                break;
            case Operation.Delete delete:
                foreach (var key in _keys.Keys.Where(delete.Keys.Contains).ToList())
                    _keys.Remove(key);
                break;
            default:
                Assert.Fail($"the coordinator does not use {operation.GetType().Name}");
                break;
        }
    }

    private bool Holds(Compare guard)
    {
        Assert.True(guard.Keys.IsSingle && guard.Relation == CompareRelation.Equal);
        var key = _keys.GetValueOrDefault(guard.Keys.Start);
        return guard.Target switch
        {
            CompareTarget.CreateRevision => (key?.Created.Number ?? 0) == guard.Number,
            CompareTarget.ModifyRevision => (key?.Modified.Number ?? 0) == guard.Number,
            _ => throw new InvalidOperationException($"the coordinator does not compare {guard.Target}"),
        };
    }
}
