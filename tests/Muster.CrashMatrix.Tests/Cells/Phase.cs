using Muster.RealRuns;

namespace Muster.CrashMatrix.Tests.Cells;

/// <summary>What the job is doing when a process is killed.</summary>
public enum Phase
{
    /// <summary>Ranks run and have not joined.</summary>
    Starting,

    /// <summary>Between two checkpoints, one of them committed.</summary>
    Training,

    /// <summary>Every rank is writing its shard.</summary>
    WritingShards,

    /// <summary>Some shards are written and some are not.</summary>
    BetweenShards,

    /// <summary>Every shard is written; the manifest and its key come now.</summary>
    Committing,

    /// <summary>A second generation reads the checkpoint.</summary>
    Restoring,

    /// <summary>Every step is done; ranks have not exited.</summary>
    Finishing,
}

/// <summary>Tells from the ranks' traces when a phase has come.</summary>
internal static class Phases
{
    /// <summary>The first checkpoint; what is killed after its commit must go on from it or a later one.</summary>
    public const int FirstCheckpoint = 10;

    /// <summary>Where ranks wait until the kill is done: so that it falls into the phase on a machine of any speed.</summary>
    public static string Holds(Phase phase) => phase switch
    {
        Phase.Starting => "--hold starting",
        Phase.Training => "--hold training@24",
        Phase.WritingShards or Phase.BetweenShards => "--hold writing@20",
        Phase.Restoring => "--hold training@24,restoring",
        Phase.Finishing => "--hold finishing",
        _ => "",      // keeper and server commit, and nobody holds them
    };

    /// <summary>Shards are written one after the other: all but the last rank's may go on.</summary>
    public static void Prepare(Phase phase, RealRun run, int ranks)
    {
        for (var rank = 0; phase == Phase.BetweenShards && rank < ranks - 1; rank++)
            run.Release($"writing-{rank}");
    }

    /// <summary>Longest wait from a phase's first sign to the kill, so that the kill still falls into the phase.</summary>
    public static int OffsetMillisecondsMax(Phase phase) => phase switch
    {
        Phase.Starting or Phase.Restoring or Phase.Finishing => 150,
        Phase.Training => 40,
        Phase.WritingShards or Phase.BetweenShards => 40,
        _ => 12,
    };

    /// <summary>Whether steps must have been repeated, from a checkpoint, when ranks died in it.</summary>
    public static bool RepeatsSteps(Phase phase) => phase is not (Phase.Starting or Phase.Finishing or Phase.Committing);

    public static bool HasCome(Phase phase, RealRun run, int ranks, bool committed)
    {
        var traces = Enumerable.Range(0, ranks).Select(run.TraceOf).ToArray();
        if (traces.Any(trace => trace.Count == 0))
            return false;
        var last = traces.Select(trace => trace[^1]).ToArray();
        return phase switch
        {
            Phase.Starting => last.All(line => line.Phase == "starting"),
            Phase.Training => committed && last.All(line => line is { Phase: "training", Step: 24 }),
            Phase.WritingShards => committed && last.All(line => line.Phase == "writing" && line.Step > FirstCheckpoint),
            Phase.BetweenShards => committed && last[^1] is { Phase: "writing", Step: > FirstCheckpoint }
                && Wrote(traces[0], last[^1].Step),
            Phase.Committing => committed && last[0].Step is > FirstCheckpoint and var at
                && traces.All(trace => Wrote(trace, at - at % FirstCheckpoint)) && last.All(line => line.Step % FirstCheckpoint < 5),
            Phase.Restoring => last.All(line => line.Phase == "restoring"),
            Phase.Finishing => last.All(line => line.Phase == "finishing"),
            _ => throw new ArgumentOutOfRangeException(nameof(phase)),
        };
    }

    private static bool Wrote(List<TraceLine> trace, long step) =>
        trace.Contains(new TraceLine(trace[^1].Generation, "written", step));
}
