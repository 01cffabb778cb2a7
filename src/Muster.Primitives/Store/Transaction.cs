using System.Collections.Immutable;

namespace Muster.Primitives;

/// <summary>What a comparison looks at.</summary>
public enum CompareTarget
{
    /// <summary>The key's version; 0 when it does not exist.</summary>
    Version = 0,

    /// <summary>The key's create revision; 0 when it does not exist.</summary>
    CreateRevision = 1,

    /// <summary>The key's last modification; 0 when it does not exist.</summary>
    ModifyRevision = 2,

    /// <summary>The key's value, bytewise; a missing key satisfies no comparison of values.</summary>
    Value = 3,

    /// <summary>The key's lease; 0 when it has none.</summary>
    Lease = 4,
}

/// <summary>How a comparison compares: left is the key's, right is the operand.</summary>
public enum CompareRelation
{
    /// <summary>The same.</summary>
    Equal = 0,

    /// <summary>The key's is greater.</summary>
    Greater = 1,

    /// <summary>The key's is less.</summary>
    Less = 2,

    /// <summary>Different.</summary>
    NotEqual = 3,
}

/// <summary>One guard of a transaction; it holds when every key of the range satisfies it.</summary>
/// <param name="Keys">The key or keys; a range without keys compares as one key of all zeros.</param>
/// <param name="Target">What is compared.</param>
/// <param name="Relation">How.</param>
/// <param name="Number">Operand for every target but the value.</param>
/// <param name="Value">Operand for the value.</param>
public sealed record Compare(KeyRange Keys, CompareTarget Target, CompareRelation Relation, long Number, ByteString Value)
{
    /// <summary>The key does not exist.</summary>
    public static Compare Absent(ByteString key) =>
        new(KeyRange.Single(key), CompareTarget.CreateRevision, CompareRelation.Equal, 0, default);

    /// <summary>The key exists and was created at this revision: the guard behind every fencing token.</summary>
    public static Compare CreatedAt(ByteString key, Revision revision) =>
        new(KeyRange.Single(key), CompareTarget.CreateRevision, CompareRelation.Equal, revision.Number, default);

    /// <summary>The key was last put at this revision; revision 0 means that it does not exist.</summary>
    public static Compare ModifiedAt(ByteString key, Revision revision) =>
        new(KeyRange.Single(key), CompareTarget.ModifyRevision, CompareRelation.Equal, revision.Number, default);
}

/// <summary>The order in which a range is returned.</summary>
public enum SortOrder
{
    /// <summary>By key; ascending when another target is given.</summary>
    None = 0,

    /// <summary>Smallest first.</summary>
    Ascending = 1,

    /// <summary>Largest first.</summary>
    Descending = 2,
}

/// <summary>What a range is sorted by; equal ones by key.</summary>
public enum SortTarget
{
    /// <summary>The key.</summary>
    Key = 0,

    /// <summary>The key's version.</summary>
    Version = 1,

    /// <summary>The create revision.</summary>
    CreateRevision = 2,

    /// <summary>The last modification.</summary>
    ModifyRevision = 3,

    /// <summary>The value.</summary>
    Value = 4,
}

/// <summary>One thing a transaction does.</summary>
public abstract record Operation
{
    private Operation()
    {
    }

    /// <summary>Reads keys.</summary>
    /// <param name="Keys">Which.</param>
    public sealed record Range(KeyRange Keys) : Operation
    {
        /// <summary>Most keys returned; 0 for all.</summary>
        public long Limit { get; init; }

        /// <summary>State to read; none for the newest.</summary>
        public Revision At { get; init; }

        /// <summary>Order of the result.</summary>
        public SortOrder Order { get; init; }

        /// <summary>What the order is by.</summary>
        public SortTarget SortBy { get; init; }

        /// <summary>Whether values stay away.</summary>
        public bool KeysOnly { get; init; }

        /// <summary>Whether only the count is wanted.</summary>
        public bool CountOnly { get; init; }

        /// <summary>Whether a replica may answer from its own, possibly older state.</summary>
        public bool Serializable { get; init; }

        /// <summary>Keeps keys modified at or after; none for all.</summary>
        public Revision ModifiedFrom { get; init; }

        /// <summary>Keeps keys modified at or before; none for all.</summary>
        public Revision ModifiedTo { get; init; }

        /// <summary>Keeps keys created at or after; none for all.</summary>
        public Revision CreatedFrom { get; init; }

        /// <summary>Keeps keys created at or before; none for all.</summary>
        public Revision CreatedTo { get; init; }
    }

    /// <summary>Writes one key.</summary>
    /// <param name="Key">Which; not empty.</param>
    /// <param name="Value">What; empty is a value.</param>
    /// <param name="Lease">The lease that deletes it, or none, which detaches it.</param>
    public sealed record Put(ByteString Key, ByteString Value, LeaseId Lease = default) : Operation
    {
        /// <summary>Whether the key before the write is returned.</summary>
        public bool ReturnPrevious { get; init; }

        /// <summary>Keeps the value the key has; it must exist.</summary>
        public bool KeepValue { get; init; }

        /// <summary>Keeps the lease the key has; it must exist.</summary>
        public bool KeepLease { get; init; }
    }

    /// <summary>Deletes keys.</summary>
    /// <param name="Keys">Which.</param>
    public sealed record Delete(KeyRange Keys) : Operation
    {
        /// <summary>Whether the deleted keys are returned.</summary>
        public bool ReturnPrevious { get; init; }
    }

    /// <summary>A transaction inside a transaction; its guards see the state before the outermost one.</summary>
    /// <param name="Transaction">What.</param>
    public sealed record Nested(Transaction Transaction) : Operation;
}

/// <summary>Guards, and what happens at one revision when all of them hold, or when one does not.</summary>
/// <param name="Guards">All must hold for <paramref name="Then"/>.</param>
/// <param name="Then">Done when they hold.</param>
/// <param name="Else">Done when one does not.</param>
public sealed record Transaction(
    ImmutableArray<Compare> Guards, ImmutableArray<Operation> Then, ImmutableArray<Operation> Else)
{
    /// <summary>A transaction that does nothing when a guard fails.</summary>
    public static Transaction When(ImmutableArray<Compare> guards, params ImmutableArray<Operation> then) => new(guards, then, []);

    /// <summary>A transaction without guards.</summary>
    public static Transaction Always(params ImmutableArray<Operation> then) => new([], then, []);
}
