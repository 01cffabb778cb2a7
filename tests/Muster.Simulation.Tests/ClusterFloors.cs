namespace Muster.Simulation.Tests;

/// <summary>How often, at least, each fault must have happened in 1,000 seeds: a fault that is never met tests nothing.</summary>
internal static class ClusterFloors
{
    public static readonly (string What, int PerThousand)[] PerThousandSeeds =
    [
        ("KillServer", 100), ("KillAgent", 100), ("KillKeeper", 50), ("KillRank", 50), ("power loss", 150), ("power lost at an effect", 30),
        ("server crashes before an effect", 50), ("agent crashes before an effect", 50), ("keeper crashes before an effect", 50),
        ("rank crashes before an effect", 30), ("disk of server", 30), ("disk of agent", 20), ("disk of keeper", 50), ("disk of rank", 20),
        ("Pause", 100), ("LinksBreak", 100), ("LinksSlow", 100), ("WallJumps", 100), ("ClockDrifts", 100), ("DiskSlow", 100),
        ("CheckpointDamaged", 20), ("StartRefused", 100), ("StaleOrder", 50), ("AskCheckpoint", 50), ("Stop", 100), ("Cancel", 100),
        ("pin a checkpoint", 20), ("unpin a checkpoint", 20), ("rm a checkpoint", 5), ("submitted again", 50),
        ("rank crashes", 20), ("rank fails", 20), ("rank hangs", 10), ("rank leaves early", 5), ("rank never joins", 10), ("rank fails to load", 3),
        ("rank fails to save", 10), ("rank dies in save", 10), ("rank saves twice", 10), ("rank ignores SIGTERM", 20),
        ("a sync of the log fails", 30), ("a damaged checkpoint is restored at once", 20),
    ];
}
