namespace Muster.Conformance.Tests;

public sealed class OnEmbedded : VersionedConformance
{
    private protected override Task<IEngine> StartAsync() => EmbeddedEngine.StartAsync();
}

public sealed class OnZooKeeper : TransactionConformance
{
    private protected override Task<IEngine> StartAsync() => ZooKeeperEngine.StartAsync();
}

public sealed class OnEtcd : VersionedConformance
{
    private protected override Task<IEngine> StartAsync() => EtcdEngine.StartAsync();
}

public sealed class OnServed : VersionedConformance
{
    private protected override Task<IEngine> StartAsync() => ServedEngine.StartAsync();
}
