using Muster.CrashMatrix.Tests.Cells;
using Muster.Peers;

namespace Muster.CrashMatrix.Tests;

/// <summary>The same kills with the store rented: nothing that is promised hangs on whose store it is.</summary>
/// <remarks>In CI those cells in which the store matters most: who writes there is killed, or is killed while it must write.</remarks>
public abstract class RentedStoreTests(string engine, CellCount count)
{
    private static readonly (Victim, Phase)[] s_always =
    [
        (Victim.Server, Phase.Starting), (Victim.Server, Phase.Training), (Victim.Server, Phase.Committing), (Victim.Server, Phase.Restoring),
        (Victim.All, Phase.Training), (Victim.All, Phase.Committing), (Victim.Run, Phase.BetweenShards), (Victim.Agent, Phase.Committing),
        (Victim.Keeper, Phase.WritingShards), (Victim.RankZero, Phase.Finishing),
    ];

    public static TheoryData<Victim, Phase> Played
    {
        get
        {
            var all = from victim in Enum.GetValues<Victim>() from phase in Enum.GetValues<Phase>() select (victim, phase);
            var played = new TheoryData<Victim, Phase>();
            foreach (var (victim, phase) in Seeds.Rounds > 1 ? all : s_always)
                played.Add(victim, phase);
            return played;
        }
    }

    /// <summary>A store of its own for each cell, on the engine's real server, which starts with the first.</summary>
    protected abstract string Store(string mark);

    /// <summary>Completes, with the weights of the undisturbed run; nobody is left; every checkpoint is whole.</summary>
    [Theory]
    [MemberData(nameof(Played))]
    public void The_job_completes_with_the_same_weights(Victim victim, Phase phase)
    {
        var seed = Seeds.Of(victim, phase, 0);
        var cell = new Cell(victim, phase, 2, seed) { Store = mark => Store(mark) };
        try
        {
            cell.Play();
        }
        catch (Exception failure) when (failure is not Xunit.Sdk.SkipException)
        {
            throw new InvalidOperationException($"{cell} on {engine} fails; replay: MUSTER_SEED={Seeds.Base}\n{failure.Message}", failure);
        }

        count.AddRented(engine);
    }
}

public sealed class OnZooKeeper(CellCount count) : RentedStoreTests("ZooKeeper", count)
{
    private static readonly Lazy<ZooKeeperPeer> s_peer = new(ZooKeeperPeer.Start);

    protected override string Store(string mark)
    {
        Peer.Require(ZooKeeperPeer.IsInstalled, "zookeeper");
        return $"zookeeper://127.0.0.1:{s_peer.Value.Port}/crash/{mark}";
    }
}

public sealed class OnEtcd(CellCount count) : RentedStoreTests("etcd", count)
{
    private static readonly Lazy<EtcdPeer> s_peer = new(() => EtcdPeer.Start());

    protected override string Store(string mark)
    {
        Peer.Require(EtcdPeer.IsInstalled, "etcd");
        return $"etcd://{s_peer.Value.Endpoints}?prefix=/crash/{mark}/";
    }
}
