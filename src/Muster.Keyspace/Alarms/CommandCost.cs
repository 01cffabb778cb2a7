namespace Muster.Keyspace.Alarms;

/// <summary>Bytes that a command could add to the store.</summary>
internal static class CommandCost
{
    /// <summary>Bytes that a lease counts for.</summary>
    private const int LeaseBytes = 64;

    public static long Of(Command command) => command switch
    {
        Command.Transact(var transaction) => TransactionRules.Cost(transaction),
        Command.GrantLease => LeaseBytes,
        _ => 0,
    };
}
