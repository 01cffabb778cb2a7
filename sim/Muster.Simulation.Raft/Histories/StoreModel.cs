namespace Muster.Simulation.Raft.Histories;

/// <summary>What the store means, so simply that it is obviously right.</summary>
/// <remarks>Up to 5 keys and 63 leases; a value type of its own so that checking allocates little.</remarks>
internal readonly record struct StoreModel(long V0, long V1, long V2, long V3, long V4, uint Leases, ulong Alive)
{
    /// <summary>Keys a model has room for.</summary>
    public const int KeysMax = 5;

    private const int LeaseBits = 6;

    public long this[int key] => key switch { 0 => V0, 1 => V1, 2 => V2, 3 => V3, _ => V4 };

    /// <summary>Does an operation: the answer, and the store after it.</summary>
    public (ClientResult Result, StoreModel After) Do(ClientOperation operation) => operation switch
    {
        ClientOperation.Put put when put.Lease != 0 && !IsAlive(put.Lease) => (new(false), this),
        ClientOperation.Put put => (new(true), With(put.Key, put.Value, put.Lease)),
        ClientOperation.Get get => (new(true, this[get.Key]), this),
        ClientOperation.GetBoth get => (new(true, this[get.Key], this[get.Other]), this),
        ClientOperation.Delete delete => (new(true), With(delete.Key, 0, 0)),
        ClientOperation.Swap swap when this[swap.Key] != swap.Expected => (new(false), this),
        ClientOperation.Swap swap => (new(true), With(swap.Key, swap.Value, 0).With(swap.Other, swap.Value, 0)),
        ClientOperation.Grant grant => (new(!IsAlive(grant.Lease)), this with { Alive = Alive | 1UL << grant.Lease }),
        ClientOperation.Revoke revoke when !IsAlive(revoke.Lease) => (new(false), this),
        ClientOperation.Revoke revoke => (new(true), Without(revoke.Lease)),
        _ => throw new InvalidOperationException($"no meaning for {operation}"),
    };

    private bool IsAlive(int lease) => (Alive >> lease & 1) == 1;

    private StoreModel With(int key, long value, int lease)
    {
        var leases = Leases & ~(((1u << LeaseBits) - 1) << key * LeaseBits) | (uint)lease << key * LeaseBits;
        return key switch
        {
            0 => this with { V0 = value, Leases = leases },
            1 => this with { V1 = value, Leases = leases },
            2 => this with { V2 = value, Leases = leases },
            3 => this with { V3 = value, Leases = leases },
            _ => this with { V4 = value, Leases = leases },
        };
    }

    private StoreModel Without(int lease)
    {
        var after = this with { Alive = Alive & ~(1UL << lease) };
        for (var key = 0; key < KeysMax; key++)
            if ((after.Leases >> key * LeaseBits & ((1u << LeaseBits) - 1)) == lease)
                after = after.With(key, 0, 0);
        return after;
    }
}
