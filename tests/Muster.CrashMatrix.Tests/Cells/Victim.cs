using Muster.RealRuns;

namespace Muster.CrashMatrix.Tests.Cells;

/// <summary>Who is killed.</summary>
public enum Victim
{
    /// <summary>The last rank.</summary>
    Rank,

    /// <summary>Rank 0, where the others meet.</summary>
    RankZero,

    /// <summary>The parent of the ranks.</summary>
    Keeper,

    /// <summary>The host's agent.</summary>
    Agent,

    /// <summary>Coordinator and store.</summary>
    Server,

    /// <summary>What the person typed; it is typed again.</summary>
    Run,

    /// <summary>Every process at once; then the command is typed again.</summary>
    All,
}

/// <summary>Finds victims among the processes of a run.</summary>
internal static class Victims
{
    /// <summary>Whether the ranks die of it.</summary>
    public static bool EndsRanks(Victim victim) => victim is Victim.Rank or Victim.RankZero or Victim.Keeper or Victim.All;

    public static bool MustBeTypedAgain(Victim victim) => victim is Victim.Run or Victim.All;

    public static void Kill(Victim victim, RealRun run, int ranks)
    {
        RealRun.Until($"there is a {victim} to kill", () => run.Kill(process => Is(victim, process, ranks)) > 0, TimeSpan.FromSeconds(5));
        if (victim == Victim.All)
            RealRun.Until("all are dead", () => run.Kill(_ => true) == 0, TimeSpan.FromSeconds(10));
    }

    private static bool Is(Victim victim, TestProcess process, int ranks) => victim switch
    {
        Victim.Rank => process.Rank == ranks - 1,
        Victim.RankZero => process.Rank == 0,
        Victim.Keeper => process.Role == "keeper",
        Victim.Agent => process.Role == "agent",
        Victim.Server => process.Role == "server",
        Victim.Run => process.Role == "run",
        _ => true,
    };
}
