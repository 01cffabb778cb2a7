using Muster.Primitives;

namespace Muster.Keyspace.Tests;

/// <summary>The words of one scenario line. Keys: <c>a</c>, <c>a..c</c> half-open, <c>a..</c> from a on, <c>a*</c> prefix, <c>""</c> empty.</summary>
internal sealed class ScenarioWords(string line)
{
    private readonly List<string> _words = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
    private int _next;

    public string Next() => _words[_next++];

    public void Back() => _next--;

    public long Number() => long.Parse(Next());

    public LeaseId Lease() => new(Convert.ToInt64(Next(), 16));

    /// <summary>Takes a word if it comes next.</summary>
    public bool Has(string word)
    {
        if (_next >= _words.Count || _words[_next] != word)
            return false;
        _next++;
        return true;
    }

    public ByteString Text()
    {
        var word = Next();
        if (word == "\"\"")
            return default;
        var times = word.Split("**");
        return ByteString.From(times.Length == 2 ? string.Concat(Enumerable.Repeat(times[0], int.Parse(times[1]))) : word);
    }

    public KeyRange Keys()
    {
        var word = Next();
        if (word == "\"\"")
            return KeyRange.Single(default);
        if (word == "*")
            return KeyRange.All;
        if (word.EndsWith('*'))
            return KeyRange.Prefix(word[..^1]);
        var split = word.IndexOf("..", StringComparison.Ordinal);
        if (split < 0)
            return KeyRange.Single(ByteString.From(word));
        var end = word[(split + 2)..];
        return new(ByteString.From(word[..split]), end.Length == 0 ? KeyRange.All.End : ByteString.From(end));
    }

    public Operation.Range Range()
    {
        var range = new Operation.Range(Keys());
        for (var more = true; more;)
        {
            more = true;
            if (Has("rev"))
                range = range with { At = new(Number()) };
            else if (Has("limit"))
                range = range with { Limit = Number() };
            else if (Has("keysonly"))
                range = range with { KeysOnly = true };
            else if (Has("count"))
                range = range with { CountOnly = true };
            else if (Has("asc"))
                range = range with { Order = SortOrder.Ascending };
            else if (Has("desc"))
                range = range with { Order = SortOrder.Descending };
            else if (Has("order"))
                range = range with { Order = (SortOrder)Number() };
            else if (Has("by"))
                range = range with { SortBy = Enum.Parse<SortTarget>(Next()) };
            else if (Has("modified>="))
                range = range with { ModifiedFrom = new(Number()) };
            else if (Has("modified<="))
                range = range with { ModifiedTo = new(Number()) };
            else if (Has("created>="))
                range = range with { CreatedFrom = new(Number()) };
            else if (Has("created<="))
                range = range with { CreatedTo = new(Number()) };
            else
                more = false;
        }

        return range;
    }

    public Operation Operation()
    {
        switch (Next())
        {
            case "get":
                return Range();
            case "put":
                var put = new Operation.Put(Text(), Text());
                if (Has("lease"))
                    put = put with { Lease = Lease() };
                put = put with { KeepValue = Has("keepvalue") };
                put = put with { KeepLease = Has("keeplease") };
                return put with { ReturnPrevious = Has("prev") };
            case "delete":
                var delete = new Operation.Delete(Keys());
                return delete with { ReturnPrevious = Has("prev") };
            case "txn":
                return new Operation.Nested(Transaction());
            case var unknown:
                throw new InvalidOperationException($"Unknown operation '{unknown}'.");
        }
    }

    /// <summary><c>if GUARD, GUARD then OP, OP else OP end</c>; every part but <c>end</c> may be missing.</summary>
    public Transaction Transaction()
    {
        var guards = Has("if") ? List(Guard) : [];
        var then = Has("then") ? List(Operation) : [];
        var otherwise = Has("else") ? List(Operation) : [];
        if (!Has("end"))
            throw new InvalidOperationException($"A transaction lacks its end: {line}");
        return new([.. guards], [.. then], [.. otherwise]);
    }

    private List<T> List<T>(Func<T> one)
    {
        var all = new List<T>();
        do
            all.Add(one());
        while (Has(","));
        return all;
    }

    private Compare Guard()
    {
        var keys = Keys();
        var target = Enum.Parse<CompareTarget>(Next());
        var relation = Next() switch
        {
            "=" => CompareRelation.Equal,
            "!=" => CompareRelation.NotEqual,
            ">" => CompareRelation.Greater,
            _ => CompareRelation.Less,
        };
        return target == CompareTarget.Value
            ? new(keys, target, relation, 0, Text())
            : new(keys, target, relation, Number(), default);
    }
}
