using System.Buffers.Binary;
using System.Security.Cryptography;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Stores.Embedded;

namespace Muster.Server.Etcd.Recipes;

/// <summary>The lease that a lock or a candidacy lives by.</summary>
internal static class Session
{
    /// <summary>Term of a lease that the server grants for a caller who brought none, in seconds; nobody keeps it alive.</summary>
    public const long OwnSeconds = 60;

    /// <summary>The caller's lease, or a new one.</summary>
    public static async Task<LeaseId> LeaseAsync(EmbeddedStore store, LeaseId lease, Author author)
    {
        if (lease != LeaseId.None)
            return lease;
        var own = new LeaseId((long)(BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)) >> 1) | 1);
        return await store.ProposeAsync(new Command.GrantLease(own, OwnSeconds) { Author = author }) is CommandResult.Refused(var refusal)
            ? throw new StoreRefusedException(refusal)
            : own;
    }
}
