using System.Collections.Immutable;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.ZooKeeper.Store;

/// <summary>One commit of a store kept in ZooKeeper: the state that the keys it touched have afterwards.</summary>
/// <param name="Ordinal">Its number, one more than that of the commit before; from 1.</param>
/// <param name="Writer">Drawn by chance for each try, so that whoever lost the answer finds out whether this is theirs.</param>
/// <param name="Revision">The store's revision after it.</param>
public sealed record StoreCommit(long Ordinal, ulong Writer, Revision Revision)
{
    /// <summary>Keys as they are afterwards; version 0 for one that was deleted.</summary>
    public ImmutableArray<KeyValue> Keys { get; init; } = [];

    /// <summary>Leases granted.</summary>
    public ImmutableArray<LeaseTerm> Granted { get; init; } = [];

    /// <summary>Leases that ended.</summary>
    public ImmutableArray<LeaseId> Ended { get; init; } = [];

    /// <summary>Requests with an id that were applied.</summary>
    public ImmutableArray<RememberedRequest> Requests { get; init; } = [];

    /// <summary>Clients whose request is remembered no more.</summary>
    public ImmutableArray<ulong> Forgotten { get; init; } = [];
}

/// <summary>A key of a commit as read back.</summary>
/// <param name="Key">The key; its value is missing when it is kept apart.</param>
/// <param name="IsApart">Whether the value is only in the key's own node.</param>
public readonly record struct CommittedKey(KeyValue Key, bool IsApart);

/// <summary>A commit as read back.</summary>
/// <param name="Commit">Without its keys.</param>
/// <param name="Keys">Its keys.</param>
public sealed record ReadCommit(StoreCommit Commit, ImmutableArray<CommittedKey> Keys);
