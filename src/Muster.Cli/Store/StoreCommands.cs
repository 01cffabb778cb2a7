using System.CommandLine;

namespace Muster.Cli.Store;

/// <summary>`muster store`: keys, leases, watches and backups of a store, for people without etcdctl.</summary>
internal static class StoreCommands
{
    public static Command Create() => new("store", "Reads and changes a store served with etcd's API: a Muster server or any etcd.")
    {
        KeyCommands.Get(), KeyCommands.Put(), KeyCommands.Delete(), TransactionCommand.Create(), WatchCommand.Create(), LeaseCommands.Create(),
        UpkeepCommands.Compact(), UpkeepCommands.Status(), UpkeepCommands.Alarms(), SnapshotCommands.Create(),
    };
}
