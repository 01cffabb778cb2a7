using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>What a keeper knows about itself from its start on.</summary>
public sealed record KeeperIdentity
{
    /// <summary>The job it keeps.</summary>
    public required JobId Job { get; init; }

    /// <summary>Its host.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Its own process.</summary>
    public required HostProcess Self { get; init; }

    /// <summary>Identity of the agent that started it.</summary>
    public required string Agent { get; init; }

    /// <summary>Its directory, absolute: journal, output.</summary>
    public required string Directory { get; init; }

    /// <summary>Directory for worker sockets, absolute and short: a socket's path may have 107 bytes.</summary>
    public required string SocketDirectory { get; init; }

    /// <summary>Directory in memory for checkpoints written in the background, absolute.</summary>
    public required string StagingDirectory { get; init; }

    /// <summary>Directory that holds the Python package <c>muster</c>; null: programs find it by themselves, and no rank is warm.</summary>
    public string? PythonDirectory { get; init; }

    /// <summary>The environment that ranks inherit.</summary>
    public required ImmutableSortedDictionary<string, string> BaseEnvironment { get; init; }

    /// <summary>Directory with the ranks' output.</summary>
    public string OutputDirectory => $"{Directory}/output";

    /// <summary>Where a rank's program may leave why it failed, as torchrun's programs do.</summary>
    public string ErrorFile(Generation generation, Rank rank) => $"{OutputDirectory}/error-{generation}-{rank}.json";

    /// <summary>Worker socket of a rank. A new name for each generation: a survivor of an old one speaks for nobody.</summary>
    public string Socket(Generation generation, Rank rank) => $"{SocketDirectory}/{generation}-{rank}.sock";
}

/// <summary>Limits of a keeper.</summary>
public sealed record KeeperLimits
{
    /// <summary>The defaults.</summary>
    public static KeeperLimits Default { get; } = new();

    /// <summary>Between looks at the process table while something of an ended generation still runs; default 20 ms.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Between the start of rank 0 and that of the host's other ranks; default 50 ms. See <see cref="GenerationRun.Launch"/>.</summary>
    public TimeSpan HeadStart { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Between the start of ranks and that of spare interpreters, so that these do not slow the start; default 0.5 s.</summary>
    public TimeSpan SparesAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The same where ranks took over spares: they need little, and their own spares may be wanted soon; default 0.1 s.</summary>
    public TimeSpan SparesAfterWarm { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Spare interpreters that may end unused before no more are started; default 4.</summary>
    public int SpareLossesMax { get; init; } = 4;

    /// <summary>Longest time between reports while something runs; default 1 s.</summary>
    public TimeSpan TellEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Shortest time between reports of steps alone; default 100 ms.</summary>
    public TimeSpan TellStepsEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Time without an agent after which a keeper that has no job yet ends; default 2 min.</summary>
    public TimeSpan OrphanAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Metrics of a rank that are kept, by name; default 64. More are dropped.</summary>
    public int MetricsMax { get; init; } = 64;

    /// <summary>Characters of a detail for people; default 500. The rest is cut.</summary>
    public int DetailCharactersMax { get; init; } = 500;

    /// <summary>Durable shards of a rank reported while not committed; default 64. The oldest are dropped.</summary>
    public int ShardsMax { get; init; } = 64;
}
