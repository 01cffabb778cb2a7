namespace Muster.Simulation.Raft.Histories;

/// <summary>What a client may ask of the store; keys and leases are small numbers, values are numbers above 0.</summary>
internal abstract record ClientOperation
{
    private ClientOperation()
    {
    }

    /// <summary>Writes a key, attached to a lease unless that is 0; refused when the lease does not exist.</summary>
    internal sealed record Put(int Key, long Value, int Lease) : ClientOperation;

    internal sealed record Get(int Key) : ClientOperation;

    internal sealed record Delete(int Key) : ClientOperation;

    /// <summary>Writes two keys if the first holds a value (0: does not exist).</summary>
    internal sealed record Swap(int Key, long Expected, int Other, long Value) : ClientOperation;

    /// <summary>Reads two keys at once.</summary>
    internal sealed record GetBoth(int Key, int Other) : ClientOperation;

    internal sealed record Grant(int Lease) : ClientOperation;

    /// <summary>Ends a lease: its keys vanish together. Refused when it does not exist.</summary>
    internal sealed record Revoke(int Lease) : ClientOperation;
}

/// <summary>What a client was told: whether it was done, and the values read (0: does not exist).</summary>
internal readonly record struct ClientResult(bool Done, long Value = 0, long Other = 0);

/// <summary>One operation as its client saw it.</summary>
/// <param name="Client">Who asked; one operation at a time.</param>
/// <param name="Operation">What was asked.</param>
/// <param name="Called">When.</param>
/// <param name="Returned">When the answer came.</param>
/// <param name="Result">The answer.</param>
internal sealed record Observed(int Client, ClientOperation Operation, long Called, long Returned, ClientResult Result);
