using Muster.Primitives;

namespace Muster.Keyspace.Tests.Oracle;

/// <summary>etcd's model the obvious way: the whole map is copied at every revision. Shares only the vocabulary with the code.</summary>
internal sealed class NaiveStore
{
    private readonly SortedDictionary<long, SortedDictionary<string, KeyValue>> _states = new() { [1] = Empty() };
    private readonly SortedDictionary<long, long> _leases = [];

    public List<(long Revision, KeyValue Now, KeyValue? Before)> Events { get; } = [];

    public long Revision { get; private set; } = 1;

    public long Compacted { get; private set; } = -1;

    public IReadOnlyDictionary<long, long> Leases => _leases;

    private SortedDictionary<string, KeyValue> Now { get; set; } = Empty();

    // Keys in tests are Latin-1 texts, so ordinal order of the text is the order of the bytes.
    public static string Text(ByteString key) => System.Text.Encoding.Latin1.GetString(key.Span);

    public IEnumerable<string> KeysOf(long lease) => Now.Where(pair => pair.Value.Lease.Number == lease).Select(pair => pair.Key);

    public (StoreRefusal? Refusal, TransactionResult? Result) Transact(Transaction transaction)
    {
        if (NaiveRules.Check(transaction) is { } broken)
            return (broken, null);
        var chosen = Choose(transaction);
        if (CheckPuts(chosen) is { } put)
            return (put, null);
        if (CheckRanges(chosen) is { } range)
            return (range, null);
        var before = new SortedDictionary<string, KeyValue>(Now, StringComparer.Ordinal);
        var changes = new List<KeyValue>();
        var result = Run(chosen, changes);
        Commit(before, changes);
        return (null, result with { });
    }

    public (StoreRefusal? Refusal, OperationResult.Range? Result) Read(Operation.Range range)
    {
        if (NaiveRules.Check(range) is { } broken)
            return (broken, null);
        if (range.At.Number > Revision)
            return (StoreRefusal.FutureRevision, null);
        if (range.At.Number > 0 && range.At.Number < Compacted)
            return (StoreRefusal.Compacted, null);
        return (null, Range(range, Now, Revision));
    }

    public StoreRefusal? Grant(long lease, long seconds)
    {
        if (lease == 0)
            return StoreRefusal.LeaseNotFound;
        if (seconds > 9_000_000_000)
            return StoreRefusal.LeaseTooLong;
        return _leases.TryAdd(lease, Math.Max(2, seconds)) ? null : StoreRefusal.LeaseExists;
    }

    public (StoreRefusal? Refusal, long Deleted) Revoke(long lease)
    {
        if (!_leases.ContainsKey(lease))
            return (StoreRefusal.LeaseNotFound, 0);
        var before = new SortedDictionary<string, KeyValue>(Now, StringComparer.Ordinal);
        var changes = new List<KeyValue>();
        foreach (var key in KeysOf(lease).ToList())
            Delete(key, changes);
        _leases.Remove(lease);
        Commit(before, changes);
        return (null, changes.Count);
    }

    public StoreRefusal? Compact(long at)
    {
        if (at <= Compacted)
            return StoreRefusal.Compacted;
        if (at > Revision)
            return StoreRefusal.FutureRevision;
        Compacted = at;
        return null;
    }

    private static SortedDictionary<string, KeyValue> Empty() => new(StringComparer.Ordinal);

    private static bool Within(KeyRange range, string key)
    {
        var (start, end) = (Text(range.Start), Text(range.End));
        if (end.Length == 0)
            return key == start;
        return string.CompareOrdinal(key, start) >= 0 && (end == "\0" || string.CompareOrdinal(key, end) < 0);
    }

    private void Commit(SortedDictionary<string, KeyValue> before, List<KeyValue> changes)
    {
        if (changes.Count == 0)
            return;
        Revision++;
        foreach (var change in changes)
            Events.Add((Revision, change, before.GetValueOrDefault(Text(change.Key))));
        _states[Revision] = new(Now, StringComparer.Ordinal);
    }

    /// <summary>The transaction with guards decided: nested ones too, all on the state before.</summary>
    private Chosen Choose(Transaction transaction)
    {
        var holds = transaction.Guards.All(Holds);
        var branch = holds ? transaction.Then : transaction.Else;
        return new(holds, [.. branch.Select(o => (o, o is Operation.Nested n ? Choose(n.Transaction) : null))]);
    }

    private bool Holds(Compare guard)
    {
        var keys = Now.Where(pair => Within(guard.Keys, pair.Key)).Select(pair => pair.Value).ToList();
        if (keys.Count > 0)
            return keys.All(key => Holds(guard, key));
        return guard.Target != CompareTarget.Value
            && Holds(guard, new(default, default, default, default, default, default));
    }

    private static bool Holds(Compare guard, KeyValue key)
    {
        var order = guard.Target switch
        {
            CompareTarget.Version => Math.Sign(key.Version.Number.CompareTo(guard.Number)),
            CompareTarget.CreateRevision => Math.Sign(key.Created.Number.CompareTo(guard.Number)),
            CompareTarget.ModifyRevision => Math.Sign(key.Modified.Number.CompareTo(guard.Number)),
            CompareTarget.Value => Math.Sign(string.CompareOrdinal(Text(key.Value), Text(guard.Value))),
            _ => Math.Sign(key.Lease.Number.CompareTo(guard.Number)),
        };
        return guard.Relation switch
        {
            CompareRelation.Equal => order == 0,
            CompareRelation.NotEqual => order != 0,
            CompareRelation.Greater => order == 1,
            _ => order == -1,
        };
    }

    private StoreRefusal? CheckPuts(Chosen chosen)
    {
        foreach (var (operation, inner) in chosen.Operations)
        {
            if (operation is Operation.Put put)
            {
                if ((put.KeepValue || put.KeepLease) && !Now.ContainsKey(Text(put.Key)))
                    return StoreRefusal.KeyNotFound;
                if (put.Lease.Number != 0 && !_leases.ContainsKey(put.Lease.Number))
                    return StoreRefusal.LeaseNotFound;
            }
            else if (inner is not null && CheckPuts(inner) is { } refusal)
                return refusal;
        }

        return null;
    }

    private StoreRefusal? CheckRanges(Chosen chosen)
    {
        foreach (var (operation, inner) in chosen.Operations)
        {
            if (operation is Operation.Range { At.Number: not 0 } range)
            {
                if (range.At.Number > Revision)
                    return StoreRefusal.FutureRevision;
                if (range.At.Number < Compacted)
                    return StoreRefusal.Compacted;
            }
            else if (inner is not null && CheckRanges(inner) is { } refusal)
                return refusal;
        }

        return null;
    }

    private TransactionResult Run(Chosen chosen, List<KeyValue> changes)
    {
        var results = new List<OperationResult>();
        foreach (var (operation, inner) in chosen.Operations)
        {
            results.Add(operation switch
            {
                Operation.Range range => Range(range, Now, At(changes)),
                Operation.Put put => Put(put, changes),
                Operation.Delete delete => DeleteRange(delete, changes),
                _ => new OperationResult.Nested(Run(inner!, changes)),
            });
        }

        return new(chosen.Succeeded, [.. results], new(At(changes)));
    }

    private long At(List<KeyValue> changes) => changes.Count > 0 ? Revision + 1 : Revision;

    private OperationResult.Put Put(Operation.Put put, List<KeyValue> changes)
    {
        var key = Text(put.Key);
        var old = Now.GetValueOrDefault(key);
        var now = new Revision(Revision + 1);
        var value = put.KeepValue ? old?.Value ?? default : put.Value;
        var lease = put.KeepLease ? old?.Lease ?? default : put.Lease;
        var next = new KeyValue(put.Key, value, old?.Created ?? now, now, new((old?.Version.Number ?? 0) + 1), lease);
        Now[key] = next;
        changes.Add(next);
        return new(put.ReturnPrevious ? old : null, now);
    }

    private OperationResult.Delete DeleteRange(Operation.Delete delete, List<KeyValue> changes)
    {
        var keys = Now.Where(pair => Within(delete.Keys, pair.Key)).ToList();
        foreach (var (key, _) in keys)
            Delete(key, changes);
        return new(keys.Count, delete.ReturnPrevious ? [.. keys.Select(pair => pair.Value)] : [], new(At(changes)));
    }

    private void Delete(string key, List<KeyValue> changes)
    {
        changes.Add(new(Now[key].Key, default, default, new(Revision + 1), default, default));
        Now.Remove(key);
    }

    private OperationResult.Range Range(Operation.Range range, SortedDictionary<string, KeyValue> now, long header)
    {
        var state = range.At.Number <= 0 || range.At.Number == header ? now : _states[range.At.Number];
        var keys = state.Where(pair => Within(range.Keys, pair.Key)).Select(pair => pair.Value).ToList();
        if (range.CountOnly)
            return new([], false, keys.Count, new(header));
        var count = keys.Count;
        var plain = range.Order == SortOrder.None && range.ModifiedFrom.Number == 0 && range.ModifiedTo.Number == 0
            && range.CreatedFrom.Number == 0 && range.CreatedTo.Number == 0;
        if (plain && range.Limit > 0)
            keys = [.. keys.Take((int)range.Limit + 1)];
        keys.RemoveAll(key =>
            range.ModifiedFrom.Number != 0 && key.Modified < range.ModifiedFrom
            || range.ModifiedTo.Number != 0 && key.Modified > range.ModifiedTo
            || range.CreatedFrom.Number != 0 && key.Created < range.CreatedFrom
            || range.CreatedTo.Number != 0 && key.Created > range.CreatedTo);
        IEnumerable<KeyValue> sorted = range.SortBy switch
        {
            SortTarget.Version => Order(keys, range, key => key.Version.Number),
            SortTarget.CreateRevision => Order(keys, range, key => key.Created.Number),
            SortTarget.ModifyRevision => Order(keys, range, key => key.Modified.Number),
            SortTarget.Value => Order(keys, range, key => Text(key.Value), StringComparer.Ordinal),
            _ => Order(keys, range, key => Text(key.Key), StringComparer.Ordinal),
        };
        var all = sorted.ToList();
        var more = range.Limit > 0 && all.Count > range.Limit;
        if (more)
            all = [.. all.Take((int)range.Limit)];
        if (range.KeysOnly)
            all = [.. all.Select(key => key with { Value = default })];
        return new([.. all], more, count, new(header));
    }

    private static IOrderedEnumerable<KeyValue> Order<T>(
        List<KeyValue> keys, Operation.Range range, Func<KeyValue, T> by, IComparer<T>? comparer = null) =>
        range.Order == SortOrder.Descending ? keys.OrderByDescending(by, comparer) : keys.OrderBy(by, comparer);

    private sealed record Chosen(bool Succeeded, List<(Operation Operation, Chosen? Inner)> Operations);
}
