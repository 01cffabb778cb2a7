using Muster.Server.Etcd;
using Muster.Stores;

namespace Muster.Server;

/// <summary>What a server is told at its start.</summary>
public sealed record ServerOptions
{
    /// <summary>The server's name in elections and logs.</summary>
    public required string Name { get; init; }

    /// <summary>Directory below which jobs keep checkpoints that name none themselves; absolute.</summary>
    public required string CheckpointRoot { get; init; }

    /// <summary>Where agents connect, such as <c>unix:PATH</c>.</summary>
    public required string AgentAddress { get; init; }

    /// <summary>How the store is served with etcd's protocol; null: not at all. An embedded store only: a rented one is served by whoever runs it.</summary>
    public EtcdOptions? Etcd { get; init; }

    /// <summary>The store that is rented; null: an embedded one in the data directory.</summary>
    public StoreAddress? Store { get; init; }

    /// <summary>Whether no other server shares the store: its predecessors' leases are ended at once.</summary>
    public bool IsSoleServer { get; init; } = true;

    /// <summary>Whether there is one host and never another.</summary>
    public bool IsSingleNode { get; init; } = true;

    /// <summary>Length of the coordinator's lease; default 10 s.</summary>
    public TimeSpan LeadershipTerm { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Length of a host's lease; default 10 s.</summary>
    public TimeSpan NodeTerm { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between ticks of the coordinator; default 200 ms.</summary>
    public TimeSpan TickEvery { get; init; } = TimeSpan.FromMilliseconds(200);
}
