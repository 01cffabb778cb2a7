using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace.Tests.Oracle;

/// <summary>Random commands over few keys, so that they meet.</summary>
internal sealed class Programs(SeededRandom random)
{
    private static readonly string[] s_keys = ["a", "a\0", "aa", "ab", "b", "b/1", "b/2", "b/3", "c", "d\u00ff", "\u00ff\u00ff", "\u0001"];

    public ByteString Key() => random.Chance(0.005) ? default : Bytes(random.Pick(s_keys));

    public KeyRange Keys() => random.Next(8) switch
    {
        0 => KeyRange.All,
        1 => new(Key(), new([0])),
        2 or 3 => new(Key(), Bytes(random.Pick(s_keys))),
        4 => KeyRange.Prefix(Bytes(random.Pick(["a", "b/", "", "d", "\u00ff"]))),
        _ => KeyRange.Single(Key()),
    };

    public Operation.Range Range(long revision) => new(Keys())
    {
        Limit = random.Chance(0.4) ? random.Next(-1, 5) : 0,
        At = random.Chance(0.3) ? new(random.Next((int)revision + 2)) : Revision.None,
        Order = random.Chance(0.01) ? (SortOrder)7 : (SortOrder)random.Next(3),
        SortBy = random.Chance(0.5) ? SortTarget.Key : (SortTarget)random.Next(5),
        KeysOnly = random.Chance(0.1),
        CountOnly = random.Chance(0.1),
        ModifiedFrom = Filter(revision),
        ModifiedTo = Filter(revision),
        CreatedFrom = Filter(revision),
        CreatedTo = Filter(revision),
    };

    public Operation.Put Put()
    {
        var keepValue = random.Chance(0.05);
        var keepLease = random.Chance(0.05);
        var value = keepValue && random.Chance(0.9) ? default : Value();
        var lease = keepLease && random.Chance(0.9) || random.Chance(0.85) ? LeaseId.None : Lease();
        return new(Key(), value, lease) { ReturnPrevious = random.Chance(0.3), KeepValue = keepValue, KeepLease = keepLease };
    }

    public Operation.Delete Delete() => new(random.Chance(0.5) ? KeyRange.Single(Key()) : Keys()) { ReturnPrevious = random.Chance(0.3) };

    public LeaseId Lease() => new(random.Next(random.Chance(0.1) ? 9 : 5));

    public Transaction Transaction(long revision, int depth = 0)
    {
        if (depth == 0 && random.Chance(0.005))
            return new([], [.. Enumerable.Range(0, 129).Select(_ => Range(revision))], []);
        return new([.. Guards(revision)], Branch(revision, depth), Branch(revision, depth));
    }

    public Command Command(long revision, long compacted) => random.Next(21) switch
    {
        0 or 20 => new Command.GrantLease(Lease(), random.Pick([-5L, 0, 1, 10, 9_000_000_000, 9_000_000_001])),
        1 => new Command.RevokeLease(Lease()),
        2 => new Command.Compact(new(Math.Max(0, random.Chance(0.2) ? random.Next((int)revision + 3) : compacted + random.Next(8)))),
        < 8 => new Command.Transact(Primitives.Transaction.Always(Put())),
        < 10 => new Command.Transact(Primitives.Transaction.Always(Delete())),
        _ => new Command.Transact(Transaction(revision)),
    };

    public static ByteString Bytes(string text) => new(System.Text.Encoding.Latin1.GetBytes(text));

    private ByteString Value() => Bytes(random.Pick(["", "x", "y", "yy", "z"]));

    private Revision Filter(long revision) => random.Chance(0.1) ? new(random.Next((int)revision + 1)) : Revision.None;

    private IEnumerable<Compare> Guards(long revision)
    {
        for (var count = random.Chance(0.15) ? 0 : random.Chance(0.8) ? 1 : 2; count > 0; count--)
            yield return Guard(revision);
    }

    private Compare Guard(long revision)
    {
        // Weighted so that about half of all guards hold.
        var target = (CompareTarget)random.Next(random.Chance(0.3) ? 5 : 3);
        var relation = random.Pick([CompareRelation.Equal, CompareRelation.NotEqual, CompareRelation.NotEqual, CompareRelation.Greater, CompareRelation.Less]);
        var operand = target switch
        {
            CompareTarget.Version => random.Next(4),
            CompareTarget.Lease => random.Next(4),
            _ => random.Chance(0.4) ? 0 : random.Next((int)revision + 1),
        };
        return new(random.Chance(0.7) ? KeyRange.Single(Key()) : Keys(), target, relation, operand, Value());
    }

    private ImmutableArray<Operation> Branch(long revision, int depth)
    {
        var operations = new List<Operation>();
        for (var count = random.Next(4); count > 0; count--)
        {
            operations.Add(random.Next(depth < 3 ? 8 : 7) switch
            {
                < 2 => Range(revision) with { At = random.Chance(0.1) ? new(random.Next((int)revision + 2)) : Revision.None },
                < 5 => Put(),
                < 7 => Delete(),
                _ => new Operation.Nested(Transaction(revision, depth + 1)),
            });
        }

        return [.. operations];
    }
}
